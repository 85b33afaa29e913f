-- Which life of the order this is, begun where there is none, and whether what a node has seen of it is still there.
--
-- A reign is the time of one process of the server. What it had taken last may be gone in the next one: after a crash, or on the replica that took its place. So each reign notes where it began: a node
-- that had seen more knows that it is gone, also when others have appended past that.
-- KEYS: life, reigns. ARGV: run of the server, name of what begins now, epoch of a life that begins now; of the node, when it comes back: epoch, reign, newest position seen; else empty.
local run, fresh, fresh_epoch, epoch_of_node, reign_of_node, seen = unpack(ARGV)
local life = redis.call('HMGET', KEYS[1], 'name', 'epoch', 'newest')
if not life[1] then
  life = {fresh, fresh_epoch, '0'}
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'name', life[1], 'epoch', life[2], 'newest', life[3])
end
local name, epoch, newest = unpack(life)
-- Each is `name position run`.
local reigns = redis.call('LRANGE', KEYS[2], 0, -1)
local reign, _, of_run = string.match(reigns[#reigns] or '', '^(%S+) (%d+) (.*)$')
if of_run ~= run then
  reign = fresh
  reigns[#reigns + 1] = fresh .. ' ' .. newest .. ' ' .. run
  redis.call('RPUSH', KEYS[2], reigns[#reigns])
  redis.call('LTRIM', KEYS[2], -64, -1)
  redis.call('HSET', KEYS[1], 'reign', reign)
end
if epoch_of_node ~= '' then
  if epoch_of_node ~= epoch then return {'lost', 'it lives anew'} end
  local there, is_known = tonumber(newest), false
  for index = #reigns, 1, -1 do
    local known, position = string.match(reigns[index], '^(%S+) (%d+) ')
    is_known = known == reign_of_node
    if is_known then break end
    there = math.min(there, tonumber(position))
  end
  if not is_known or there < tonumber(seen) then
    -- No cursor of before is good any more, on whatever node.
    redis.call('HSET', KEYS[1], 'epoch', fresh_epoch)
    if not is_known then return {'lost', 'it does not know what it has been any more'} end
    return {'lost', 'it went on behind ' .. string.format('%.0f', there) .. ', and was at ' .. seen .. ' before'}
  end
end
-- Whoever may not tell records shall know it now.
redis.call('PUBLISH', KEYS[1], '')
return {'lives', name, epoch, reign, newest}
