-- A patient leaves for a pseudonym of another key: from now on nothing under this one is changed any more.
-- KEYS: references, patient, frozen.
-- Returns what was there: registration and, where there is something, the short record, or the directory, leaf number,
-- leaf, leaf number, leaf ...  Whoever asks again is told the same, until it is cleared away.
local MOVED = '\0'
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'string' or redis.call('GETRANGE', KEYS[1], 0, 0) ~= MOVED then
  if kind ~= 'none' and redis.call('RENAMENX', KEYS[1], KEYS[3]) == 0 then
    return redis.error_reply('ERR two records of one patient')
  end
  redis.call('SET', KEYS[1], MOVED)
end
local answer = {redis.call('GET', KEYS[2])}
kind = redis.call('TYPE', KEYS[3]).ok
if kind == 'string' then
  answer[2] = redis.call('GET', KEYS[3])
elseif kind == 'hash' then
  answer[2] = redis.call('HGET', KEYS[3], 'd')
  local fields = redis.call('HGETALL', KEYS[3])
  for i = 1, #fields, 2 do
    if fields[i] ~= 'd' then
      answer[#answer + 1] = tonumber(fields[i])
      answer[#answer + 1] = fields[i + 1]
    end
  end
end
return answer
