-- The references of one patient that may have to do with something: a short record whole, of a long one the leaves in
-- which one of some byte strings occurs.
-- KEYS: references, patient.  ARGV: the byte strings.
-- Returns registration and, where there is something, the short record, or the directory, leaf number, leaf ...
local patient = redis.call('GET', KEYS[2])
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' then
  return {patient}
end
if kind == 'string' then
  return {patient, redis.call('GET', KEYS[1])}
end
local COUNTS, ENTRIES, ENTRY = 14, 18, 14
local directory = redis.call('HGET', KEYS[1], 'd')
local answer = {patient, directory}
if #ARGV == 0 then
  return answer
end
for number = 0, struct.unpack('<I2', directory, COUNTS) - 1 do
  local name = struct.unpack('<I2', directory, ENTRIES + number * ENTRY)
  local leaf = redis.call('HGET', KEYS[1], tostring(name))
  for i = 1, #ARGV do
    if string.find(leaf, ARGV[i], 1, true) then
      answer[#answer + 1] = name
      answer[#answer + 1] = leaf
      break
    end
  end
end
return answer
