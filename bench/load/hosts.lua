-- Asks for hosts in turn: `count` of them among `total`, spread from the first to the last; or one after the other when both are the same.
local total, count, at = 10, 10, 0

function init(args)
  total = tonumber(args[1])
  count = tonumber(args[2])
end

function request()
  at = (at + 7) % count
  local host = count == 1 and total - 1 or math.floor(at * (total - 1) / math.max(1, count - 1))
  return "GET / HTTP/1.1\r\nHost: h" .. host .. ".bench.test\r\n\r\n"
end
