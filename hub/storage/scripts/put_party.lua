-- Register a care party under the pseudonyms of its identifiers, or replace what was registered there.
-- KEYS: parties.  ARGV: sealed party, "1" to move it to the newer key, and per identifier its field by the older and by
-- the newer of two keys ("" while there is one key).
-- Returns 1, or 0 when it was moved to a key that the caller does not know.
local MOVED = '\0'
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '' and redis.call('HGET', KEYS[1], ARGV[i]) == MOVED then
    return 0
  end
end
for i = 3, #ARGV, 2 do
  local older, newer = ARGV[i], ARGV[i + 1]
  if newer ~= '' and (ARGV[2] == '1' or redis.call('HGET', KEYS[1], older) == MOVED) then
    redis.call('HSET', KEYS[1], newer, ARGV[1], older, MOVED)
  else
    redis.call('HSET', KEYS[1], older, ARGV[1])
  end
end
return 1
