#!lua flags=no-writes
-- A part of a topic behind a position: the kept state where the reader needs it, and the records behind that. All of it is of one moment.
-- KEYS: life, last positions, log of the topic, kept state of it. ARGV: epoch, reign, topic, position, `first` or `further`, records and bytes of a part.
local life = redis.call('HMGET', KEYS[1], 'epoch', 'reign')
if life[1] ~= ARGV[1] or life[2] ~= ARGV[2] then return {'elsewhere'} end
local last = redis.call('HGET', KEYS[2], ARGV[3]) or '0'
local at, state = ARGV[4], false
local kept = redis.call('HGET', KEYS[4], 'position')
if kept and tonumber(kept) > tonumber(at) then
  local next = redis.call('XRANGE', KEYS[3], '(' .. at .. '-0', '+', 'COUNT', 1)[1]
  local behind = next and string.match(next[2][2], '^%d+ (%d+) ')
  if ARGV[5] == 'first' or not behind or tonumber(behind) > tonumber(at) then
    state = redis.call('HGET', KEYS[4], 'state')
    at = kept
  end
end
local begin, messages, bytes = at, {}, 0
while #messages < tonumber(ARGV[6]) and bytes < tonumber(ARGV[7]) do
  -- A few at a time: each may be large.
  local entries = redis.call('XRANGE', KEYS[3], '(' .. at .. '-0', '+', 'COUNT', 4)
  if #entries == 0 then break end
  for _, entry in ipairs(entries) do
    at = string.match(entry[1], '^%d+')
    bytes = bytes + #entry[2][2]
    messages[#messages + 1] = entry[2][2]
  end
end
return {'read', last, begin, state, messages}
