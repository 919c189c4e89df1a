-- Register a patient, or replace what was registered.
-- KEYS: references, patient.  ARGV: registration.  Returns 1, or 0 when the patient has moved to another pseudonym.
local MOVED = '\0'
if redis.call('TYPE', KEYS[1]).ok == 'string' and redis.call('GETRANGE', KEYS[1], 0, 0) == MOVED then
  return 0
end
redis.call('SET', KEYS[2], ARGV[1])
return 1
