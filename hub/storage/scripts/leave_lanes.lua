-- Takes entries out of their lanes: KEYS are the lanes, ARGV the id in each. For one server: a cluster's lanes are apart.
for number, lane in ipairs(KEYS) do
  redis.call('XDEL', lane, ARGV[number])
end
