-- What a patient left behind is at the other pseudonym: take it away, and leave the mark that says so.
-- KEYS: references, patient, access, frozen.  Returns how many keys were taken away.
local MOVED = '\0'
if redis.call('TYPE', KEYS[1]).ok ~= 'string' or redis.call('GETRANGE', KEYS[1], 0, 0) ~= MOVED then
  return 0
end
return redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
