-- Move values of a hash to other fields, unless there is something already.
-- KEYS: hash.  ARGV: the mark to leave behind ("" for none), and field, new field, field, new field ...
-- Returns how many were moved.
local moved = 0
for i = 2, #ARGV, 2 do
  local value = redis.call('HGET', KEYS[1], ARGV[i])
  if value and value ~= ARGV[1] then
    redis.call('HSETNX', KEYS[1], ARGV[i + 1], value)
    if ARGV[1] == '' then
      redis.call('HDEL', KEYS[1], ARGV[i])
    else
      redis.call('HSET', KEYS[1], ARGV[i], ARGV[1])
    end
    moved = moved + 1
  end
end
return moved
