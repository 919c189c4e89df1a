-- Keys that belong together, as the server dumps them, all of the same moment.
-- KEYS: the keys.  ARGV: which of them was found.
-- Returns a dump, or nothing, for each key; an empty answer when one that stands before is there: it is found as well.
for i = 1, tonumber(ARGV[1]) - 1 do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    return {}
  end
end
local dumps = {}
for i = 1, #KEYS do
  dumps[i] = redis.call('DUMP', KEYS[i])
end
return dumps
