-- Give numbers to values of a dictionary; a value that is known keeps its number.
-- KEYS: values, numbers.  ARGV: digest, sealed value, digest, sealed value, ...  Returns the numbers.
-- Behind a digest stands another, while two keys are live: the value may be known by either.
local DIGEST = 16
local numbers = {}
for i = 1, #ARGV, 2 do
  local digest, other = string.sub(ARGV[i], 1, DIGEST), string.sub(ARGV[i], DIGEST + 1)
  local number = redis.call('HGET', KEYS[2], digest) or (other ~= '' and redis.call('HGET', KEYS[2], other))
  if not number then
    number = tostring(redis.call('HLEN', KEYS[1]) + 1)
    redis.call('HSET', KEYS[1], number, ARGV[i + 1])
    redis.call('HSET', KEYS[2], digest, number)
  end
  numbers[#numbers + 1] = tonumber(number)
end
return numbers
