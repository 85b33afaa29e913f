-- Takes a record where it stands behind the last one of its topic.
-- KEYS: life, last positions, log of the topic. ARGV: epoch, reign, topic, last position, channel, record.
if is_elsewhere() then return {'elsewhere'} end
local last = redis.call('HGET', KEYS[2], ARGV[3]) or '0'
if last ~= ARGV[4] then return {'overtaken', last} end
local time = redis.call('TIME')
-- As text: a number of Lua's is written with 14 digits.
local position = string.format('%.0f', redis.call('HINCRBY', KEYS[1], 'newest', 1))
local message = position .. ' ' .. last .. ' ' .. time[1] .. string.format('%06d', time[2]) .. ' ' .. ARGV[6]
redis.call('RPUSH', KEYS[3], message)
redis.call('HSET', KEYS[2], ARGV[3], position)
redis.call('PUBLISH', ARGV[5], message)
return {'taken', position}
