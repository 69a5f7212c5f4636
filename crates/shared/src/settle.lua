-- A request is over: what was reserved for it becomes what it used.
local minute, flight, day, month = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local request, replica, version = ARGV[1], ARGV[2], tonumber(ARGV[3])
local second, requests, tokens = ARGV[4], ARGV[5], ARGV[6]

redis.call('ZREM', flight, request)

local function correct(field, by)
  if by ~= '0' and redis.call('HEXISTS', minute, field) == 1 then
    redis.call('HINCRBY', minute, field, by)
  end
end
if second ~= '' then
  correct(second .. 'r', requests)
  correct(second .. 't', tokens)
end

local function state(key, totals, seconds)
  local before = redis.call('HGET', key, replica)
  local known = before and tonumber(string.match(before, '%d+')) or -1
  if known < version then
    redis.call('HSET', key, replica, ARGV[3] .. ' ' .. totals)
    redis.call('EXPIRE', key, seconds)
  end
end
state(day, ARGV[7] .. ' ' .. ARGV[8] .. ' ' .. ARGV[9], 3 * 24 * 3600)
state(month, ARGV[10], 35 * 24 * 3600)
return 1
