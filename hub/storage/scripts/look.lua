-- What stands at a place, without the references themselves.
-- KEYS: references, patient.
-- Returns registration and, where there are references, the byte they begin with.
local patient = redis.call('GET', KEYS[2])
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' then
  return {patient}
end
if kind == 'string' then
  return {patient, redis.call('GETRANGE', KEYS[1], 0, 0)}
end
return {patient, string.sub(redis.call('HGET', KEYS[1], 'd'), 1, 1)}
