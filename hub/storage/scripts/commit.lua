-- Replace the packed references of one patient, and register the patient, if nobody was faster.
-- KEYS: references, patient.  ARGV: length of the header, the header as it was read, the new value,
-- the patient to register when there is none ("" for nobody).  Returns 1, or 0 when the header has changed.
local header = redis.call('GETRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)
if header ~= ARGV[2] then
  return 0
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[2], ARGV[4], 'NX')
end
redis.call('SET', KEYS[1], ARGV[3])
return 1
