-- What a list needs of one patient: the registration, what was said about access, and the references of a page or of a
-- time.
-- KEYS: references, patient, access.
-- ARGV: "page", how many current references to pass over, how many to give; or "time", first and last moment; and behind
-- these the fields of access.
-- Returns registration, the fields, current references of leaves passed over, the last part of the directory that tells
-- the profiles ("" for a short record), and, where there is something, the short record, or the header of the directory,
-- leaf number, leaf, leaf number, leaf ... newest leaf first.
local patient = redis.call('GET', KEYS[2])
local access = {}
if #ARGV > 3 then
  access = redis.call('HMGET', KEYS[3], unpack(ARGV, 4))
end
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' then
  return {patient, access, 0, ''}
end
if kind == 'string' then
  return {patient, access, 0, '', redis.call('GET', KEYS[1])}
end
local HEADER, COUNTS, ENTRIES, ENTRY = 13, 14, 18, 14
local directory = redis.call('HGET', KEYS[1], 'd')
local first, second = tonumber(ARGV[2]), tonumber(ARGV[3])
local leaves = struct.unpack('<I2', directory, COUNTS)
local latest = string.sub(directory, ENTRIES + leaves * ENTRY)
local answer, passed, have, after = {patient, access, 0, latest, string.sub(directory, 1, HEADER)}, 0, 0, math.huge
for number = leaves, 1, -1 do
  local leaf, least, _, _, current = struct.unpack('<I2i4I4I2I2', directory, ENTRIES + (number - 1) * ENTRY)
  local wanted
  if ARGV[1] == 'time' then
    wanted = least <= second and after >= first
  elseif have == 0 and passed + current <= first then
    passed = passed + current
  elseif passed + have < first + second then
    wanted = true
    have = have + current
  end
  if wanted then
    answer[#answer + 1] = leaf
    answer[#answer + 1] = redis.call('HGET', KEYS[1], tostring(leaf))
  end
  after = least
end
answer[3] = passed
return answer
