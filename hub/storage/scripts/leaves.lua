-- Some leaves of a long record.
-- KEYS: references.  ARGV: leaf numbers.  Returns the leaves, or nothing when there is no long record (any more).
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then
  return {}
end
return redis.call('HMGET', KEYS[1], unpack(ARGV))
