-- A patient arrives from a pseudonym of another key; what somebody has brought here before, or changed since, stays.
-- KEYS: references, patient, access.  ARGV: registration ("" for none), a dump of what was said about access ("" for
-- nothing), the short record or the directory ("" for no references), and for a long record leaf number, leaf, leaf
-- number, leaf ...
-- Returns 1, or 0 when there are references already. A registration that is there is written once more: who waits for
-- the replicas to have what this script wrote has waited for what was there.
local patient = redis.call('GET', KEYS[2]) or ARGV[1]
if patient ~= '' then
  redis.call('SET', KEYS[2], patient)
end
if ARGV[2] ~= '' and redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('RESTORE', KEYS[3], 0, ARGV[2])
end
if ARGV[3] == '' then
  return 1
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
if #ARGV == 3 then
  redis.call('SET', KEYS[1], ARGV[3])
  return 1
end
redis.call('HSET', KEYS[1], 'd', ARGV[3])
for i = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 1
