-- Take away the mark that a patient has moved, where nothing else is left.
-- KEYS: references, patient, access, frozen.  Returns 1, or 0 when there is no mark or something else.
local MOVED = '\0'
if redis.call('TYPE', KEYS[1]).ok ~= 'string' or redis.call('GETRANGE', KEYS[1], 0, 0) ~= MOVED then
  return 0
end
if redis.call('EXISTS', KEYS[2], KEYS[3], KEYS[4]) > 0 then
  return 0
end
return redis.call('DEL', KEYS[1])
