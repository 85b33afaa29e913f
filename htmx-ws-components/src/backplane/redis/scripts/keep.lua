#!lua flags=allow-oom
-- Keeps the state of a topic, where it is newer than the one that is kept, and drops the records that it stands for. So it may be done without memory: it gives back more than it takes.
-- KEYS: life, last positions, log of the topic, kept state of it. ARGV: epoch, reign, topic, position, state.
local life = redis.call('HMGET', KEYS[1], 'epoch', 'reign')
if life[1] ~= ARGV[1] or life[2] ~= ARGV[2] then return {'elsewhere'} end
local position = tonumber(ARGV[4])
local kept = redis.call('HGET', KEYS[4], 'position')
if kept and tonumber(kept) >= position then return {'kept'} end
redis.call('HSET', KEYS[4], 'position', ARGV[4], 'state', ARGV[5])
-- The last record stays, also where somebody has a state of the future kept.
local last = redis.call('HGET', KEYS[2], ARGV[3]) or '0'
local first = tonumber(last) < position and last or ARGV[4]
redis.call('XTRIM', KEYS[3], 'MINID', '=', first .. '-0')
return {'kept'}
