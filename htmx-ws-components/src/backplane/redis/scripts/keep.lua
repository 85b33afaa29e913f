-- Keeps the state of a topic, where it is newer than the one that is kept, and drops the records that it stands for.
-- KEYS: life, last positions, log of the topic, kept state of it. ARGV: epoch, reign, topic, position, state.
if is_elsewhere() then return {'elsewhere'} end
local position = tonumber(ARGV[4])
local kept = redis.call('HGET', KEYS[4], 'position')
if kept and tonumber(kept) >= position then return {'kept'} end
redis.call('HSET', KEYS[4], 'position', ARGV[4], 'state', ARGV[5])
-- That at the position stays, and so does the last one, also where somebody has a state of the future kept.
local last = tonumber(redis.call('HGET', KEYS[2], ARGV[3]) or '0')
redis.call('LTRIM', KEYS[3], count_up_to(KEYS[3], math.min(position, last) - 1), -1)
return {'kept'}
