-- A patient leaves for a pseudonym of another key: from now on nothing under this one is changed any more.
-- KEYS: references, patient, access, frozen.
-- Returns what was there: what was said about access as the server dumps it, registration and, where there is
-- something, the short record, or the directory, leaf number, leaf, leaf number, leaf ...  Whoever asks again is told
-- the same, until it is cleared away.
local MOVED = '\0'
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'string' or redis.call('GETRANGE', KEYS[1], 0, 0) ~= MOVED then
  if kind ~= 'none' and redis.call('RENAMENX', KEYS[1], KEYS[4]) == 0 then
    return redis.error_reply('ERR two records of one patient')
  end
  redis.call('SET', KEYS[1], MOVED)
end
local answer = {redis.call('DUMP', KEYS[3]), redis.call('GET', KEYS[2])}
kind = redis.call('TYPE', KEYS[4]).ok
if kind == 'string' then
  answer[3] = redis.call('GET', KEYS[4])
elseif kind == 'hash' then
  answer[3] = redis.call('HGET', KEYS[4], 'd')
  local fields = redis.call('HGETALL', KEYS[4])
  for i = 1, #fields, 2 do
    if fields[i] ~= 'd' then
      answer[#answer + 1] = tonumber(fields[i])
      answer[#answer + 1] = fields[i + 1]
    end
  end
end
return answer
