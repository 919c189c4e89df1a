-- Register a patient with its audit event, or replace what was registered.
-- KEYS: references, patient, audit lane.  ARGV: patient mark and audit event, registration.
-- Returns 1, or 0 when the patient has moved to another pseudonym.
local MOVED = '\0'
if redis.call('TYPE', KEYS[1]).ok == 'string' and redis.call('GETRANGE', KEYS[1], 0, 0) == MOVED then
  return 0
end
redis.call('XADD', KEYS[3], '*', 'p', ARGV[1], 'e', ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])
return 1
