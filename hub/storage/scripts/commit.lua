-- Change the references of one patient with its audit event, and register the patient, if nobody was faster.
-- KEYS: references, patient, and the audit lane unless there is no event.
-- ARGV: patient mark and audit event ("" for none), the header that the change is based on ("" for no references),
-- the patient to register when there is none ("" for nobody), the short record or the directory,
-- and for a long record leaf number, leaf, leaf number, leaf ... of the leaves that differ.
-- The event comes first: where it cannot be written, nothing is.
-- Returns 1, or 0 when the header has changed.
local kind = redis.call('TYPE', KEYS[1]).ok
local based_on, header = ARGV[3], ''
if kind == 'string' then
  header = redis.call('GETRANGE', KEYS[1], 0, #based_on - 1)
elseif kind == 'hash' then
  header = string.sub(redis.call('HGET', KEYS[1], 'd'), 1, #based_on)
end
if header ~= based_on or (based_on == '' and kind ~= 'none') then
  return 0
end
if ARGV[2] ~= '' then
  redis.call('XADD', KEYS[3], '*', 'p', ARGV[1], 'e', ARGV[2])
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[2], ARGV[4], 'NX')
end
if #ARGV == 5 and kind ~= 'hash' then
  redis.call('SET', KEYS[1], ARGV[5])
  return 1
end
if kind == 'string' then
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], 'd', ARGV[5])
for i = 6, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 1
