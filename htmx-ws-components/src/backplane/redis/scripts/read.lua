-- A part of a topic behind a position: the kept state where the reader needs it, and the records behind that. All of it is of one moment.
-- KEYS: life, last positions, log of the topic, kept state of it. ARGV: epoch, reign, topic, position, `first` or `further`, records and bytes of a part.
if is_elsewhere() then return {'elsewhere'} end
local last = redis.call('HGET', KEYS[2], ARGV[3]) or '0'
local at, state = tonumber(ARGV[4]), false
local index = count_up_to(KEYS[3], at)
local kept = tonumber(redis.call('HGET', KEYS[4], 'position') or '0')
if kept > at then
  local behind = string.match(redis.call('LINDEX', KEYS[3], index) or '', '^%d+ (%d+) ')
  if ARGV[5] == 'first' or not behind or tonumber(behind) > at then
    state = redis.call('HGET', KEYS[4], 'state')
    at, index = kept, count_up_to(KEYS[3], kept)
  end
end
local messages, bytes = {}, 0
while #messages < tonumber(ARGV[6]) and bytes < tonumber(ARGV[7]) do
  -- A few at a time: each may be large.
  local some = redis.call('LRANGE', KEYS[3], index, index + 3)
  if #some == 0 then break end
  for _, message in ipairs(some) do
    bytes = bytes + #message
    messages[#messages + 1] = message
  end
  index = index + #some
end
return {'read', last, string.format('%.0f', at), state, messages}
