-- What a patient left behind is at the other pseudonym: take it away, and leave the mark that says so.
-- KEYS: references, patient, frozen.
local MOVED = '\0'
if redis.call('TYPE', KEYS[1]).ok == 'string' and redis.call('GETRANGE', KEYS[1], 0, 0) == MOVED then
  redis.call('UNLINK', KEYS[2], KEYS[3])
end
return redis.status_reply('OK')
