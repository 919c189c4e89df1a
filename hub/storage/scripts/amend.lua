-- Change what was said about access to a patient's documents, with its audit event, if nobody was faster.
-- KEYS: references, patient, access, audit lane.
-- ARGV: patient mark and audit event, the patient to register when there is none ("" for nobody), the field, the value
-- that the change is based on ("" for none), the new value.
-- The event comes first: where it cannot be written, nothing is.
-- Returns 1; 0 when somebody was faster or the patient has moved to another pseudonym; -1 for an unknown patient.
local MOVED = '\0'
if redis.call('TYPE', KEYS[1]).ok == 'string' and redis.call('GETRANGE', KEYS[1], 0, 0) == MOVED then
  return 0
end
if (redis.call('HGET', KEYS[3], ARGV[4]) or '') ~= ARGV[5] then
  return 0
end
if ARGV[3] == '' and redis.call('EXISTS', KEYS[2]) == 0 then
  return -1
end
redis.call('XADD', KEYS[4], '*', 'p', ARGV[1], 'e', ARGV[2])
if ARGV[3] ~= '' then
  redis.call('SET', KEYS[2], ARGV[3], 'NX')
end
if ARGV[6] ~= ARGV[5] then
  redis.call('HSET', KEYS[3], ARGV[4], ARGV[6])
end
return 1
