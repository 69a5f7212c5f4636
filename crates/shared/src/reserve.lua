-- Reserves of a client token's limits for all processes together. If one is reached, nothing is
-- written. Every process states the totals of its own days; minutes are counted here, by seconds.
local minute, flight, day, month = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local request, replica = ARGV[1], ARGV[2]
local n = {}
for i = 3, #ARGV do n[i - 2] = tonumber(ARGV[i]) end
local lease, version, more_tokens, more_cost = n[1], n[2], n[3], n[4]
local own = { n[5], n[6], n[7], n[8] }
local heard = { n[9], n[10], n[11], n[12] }
local max_minute_requests, max_minute_tokens = n[13], n[14]
local max_day = { n[15], n[16], n[17], n[18] }
local max_flight = n[19]
local SPAN = 61

local clock = redis.call('TIME')
local second = tonumber(clock[1])
local now = second * 1000 + math.floor(tonumber(clock[2]) / 1000)

local function fits(used, more, most)
  return most == 0 or used <= 0 or used + more <= most
end

-- The minute: fields are the second with r for requests and t for tokens.
local requests, tokens, total_requests, total_tokens, old = {}, {}, 0, 0, {}
local fields = redis.call('HGETALL', minute)
for i = 1, #fields, 2 do
  local at, kind, count = tonumber(string.sub(fields[i], 1, -2)), string.sub(fields[i], -1), tonumber(fields[i + 1])
  if at + SPAN <= second then
    old[#old + 1] = fields[i]
  elseif kind == 'r' then
    requests[at] = count
    total_requests = total_requests + count
  else
    tokens[at] = count
    total_tokens = total_tokens + count
  end
end
if #old > 0 then redis.call('HDEL', minute, unpack(old)) end

local function frees(counts, total, more, most)
  local seconds = {}
  for at in pairs(counts) do seconds[#seconds + 1] = at end
  table.sort(seconds)
  for _, at in ipairs(seconds) do
    total = total - counts[at]
    if fits(total, more, most) then return at + SPAN - second end
  end
  return SPAN
end

-- The totals of the other processes: of the day three numbers, of the month one.
local function sums(key, first, count)
  local others, mine = {}, nil
  for i = 1, count do others[i] = 0 end
  local entries = redis.call('HGETALL', key)
  for i = 1, #entries, 2 do
    local numbers = {}
    for number in string.gmatch(entries[i + 1], '%d+') do numbers[#numbers + 1] = tonumber(number) end
    if entries[i] == replica then
      mine = numbers
    else
      for j = 1, count do others[j] = others[j] + (numbers[j + 1] or 0) end
    end
  end
  local is_newer = mine == nil or mine[1] < version
  for j = 1, count do
    others[j] = math.max(others[j], heard[first + j - 1])
    if not is_newer then own[first + j - 1] = mine[j + 1] end
  end
  return others, is_newer
end

redis.call('ZREMRANGEBYSCORE', flight, '-inf', now)
if max_flight > 0 and redis.call('ZCARD', flight) >= max_flight then return { 0, 0, 1 } end

local day_others, is_newer = sums(day, 1, 3)
local month_others, month_is_newer = sums(month, 4, 1)
local others = { day_others[1], day_others[2], day_others[3], month_others[1] }
local more = { 1, more_tokens, more_cost, more_cost }
for i = 4, 1, -1 do
  if not fits(own[i] - more[i] + others[i], more[i], max_day[i]) then return { 0, 2 + i, 0 } end
end
if not fits(total_requests, 1, max_minute_requests) then
  return { 0, 1, frees(requests, total_requests, 1, max_minute_requests) }
end
if not fits(total_tokens, more_tokens, max_minute_tokens) then
  return { 0, 2, frees(tokens, total_tokens, more_tokens, max_minute_tokens) }
end

local function text(number) return string.format('%.0f', number) end
redis.call('HINCRBY', minute, text(second) .. 'r', 1)
redis.call('HINCRBY', minute, text(second) .. 't', text(more_tokens))
redis.call('EXPIRE', minute, 2 * SPAN)
redis.call('ZADD', flight, text(now + lease), request)
redis.call('PEXPIRE', flight, text(math.max(lease, redis.call('PTTL', flight))))
if is_newer then
  redis.call('HSET', day, replica, text(version) .. ' ' .. text(own[1]) .. ' ' .. text(own[2]) .. ' ' .. text(own[3]))
  redis.call('EXPIRE', day, 3 * 24 * 3600)
end
if month_is_newer then
  redis.call('HSET', month, replica, text(version) .. ' ' .. text(own[4]))
  redis.call('EXPIRE', month, 35 * 24 * 3600)
end
return { 1, second, others[1], others[2], others[3], others[4] }
