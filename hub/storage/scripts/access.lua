-- What was said about access to a patient's documents.
-- KEYS: references, patient, access.  ARGV: fields, or none for all of them.
-- Returns registration, the byte that the references begin with ("" for none), and the values of the fields, or
-- field, value, field, value ... of all.
local patient = redis.call('GET', KEYS[2])
local first = ''
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' then
  first = redis.call('GETRANGE', KEYS[1], 0, 0)
elseif kind == 'hash' then
  first = string.sub(redis.call('HGET', KEYS[1], 'd'), 1, 1)
end
if #ARGV == 0 then
  return {patient, first, redis.call('HGETALL', KEYS[3])}
end
return {patient, first, redis.call('HMGET', KEYS[3], unpack(ARGV))}
