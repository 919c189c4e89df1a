-- Change the references of one patient, and register the patient, if nobody was faster.
-- KEYS: references, patient.  ARGV: the header that the change is based on ("" for no references),
-- the patient to register when there is none ("" for nobody), the short record or the directory,
-- and for a long record leaf number, leaf, leaf number, leaf ... of the leaves that differ.
-- Returns 1, or 0 when the header has changed.
local kind = redis.call('TYPE', KEYS[1]).ok
local header = ''
if kind == 'string' then
  header = redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1)
elseif kind == 'hash' then
  header = string.sub(redis.call('HGET', KEYS[1], 'd'), 1, #ARGV[1])
end
if header ~= ARGV[1] or (ARGV[1] == '' and kind ~= 'none') then
  return 0
end
if ARGV[2] ~= '' then
  redis.call('SET', KEYS[2], ARGV[2], 'NX')
end
if #ARGV == 3 and kind ~= 'hash' then
  redis.call('SET', KEYS[1], ARGV[3])
  return 1
end
if kind == 'string' then
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], 'd', ARGV[3])
for i = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 1
