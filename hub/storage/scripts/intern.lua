-- Give numbers to values of a dictionary; a value that is known keeps its number.
-- KEYS: values, numbers.  ARGV: digest, sealed value, digest, sealed value, ...  Returns the numbers.
local numbers = {}
for i = 1, #ARGV, 2 do
  local number = redis.call('HGET', KEYS[2], ARGV[i])
  if not number then
    number = tostring(redis.call('HLEN', KEYS[1]) + 1)
    redis.call('HSET', KEYS[1], number, ARGV[i + 1])
    redis.call('HSET', KEYS[2], ARGV[i], number)
  end
  numbers[#numbers + 1] = tonumber(number)
end
return numbers
