-- Keep a care provider and the audit event of the change, if nobody was faster.
-- KEYS: providers, pending, lane.
-- ARGV: what the change is based on ("" for nothing), the sealed provider ("" to keep what there is), the sealed entry
-- of the queue ("" when nobody waits for anything), "1" to move the provider to the newer key, the field by the older
-- and by the newer of two keys ("" while there is one key), and the fields and values of the event.
-- Returns 1; 0 when somebody was faster; -1 when the provider was moved to a key that the caller does not know.
local MOVED = '\0'
local older, newer = ARGV[5], ARGV[6]
local field, there = older, redis.call('HGET', KEYS[1], older)
if there == MOVED then
  if newer == '' then
    return -1
  end
  field, there = newer, redis.call('HGET', KEYS[1], newer)
end
if (there or '') ~= ARGV[1] then
  return 0
end
-- First: a script that fails half-way is not taken back, and there is to be no change without its event.
redis.call('XADD', KEYS[3], '*', unpack(ARGV, 7))
if ARGV[2] ~= '' then
  if ARGV[4] == '1' and field == older then
    redis.call('HSET', KEYS[1], older, MOVED)
    field = newer
  end
  redis.call('HSET', KEYS[1], field, ARGV[2])
  redis.call('HDEL', KEYS[2], older, newer)
  if ARGV[3] ~= '' then
    redis.call('HSET', KEYS[2], field, ARGV[3])
  end
end
return 1
