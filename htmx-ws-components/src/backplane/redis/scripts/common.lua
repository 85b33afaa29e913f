-- Whether this is another life, or another reign, than the node is connected to. KEYS: life. ARGV: epoch, reign.
local function is_elsewhere()
  local life = redis.call('HMGET', KEYS[1], 'epoch', 'reign')
  return life[1] ~= ARGV[1] or life[2] ~= ARGV[2]
end

-- How many records of a log are at a position or before it.
local function count_up_to(log, position)
  local low, high = 0, redis.call('LLEN', log)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if tonumber(string.match(redis.call('LINDEX', log, middle), '^%d+')) <= position then low = middle + 1 else high = middle end
  end
  return low
end

