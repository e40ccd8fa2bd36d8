-- Asks for one host after another: from the first to the last, in an order that spreads them.
local count, step, at = 10, 7, 0

function init(args)
  count = tonumber(args[1])
  step = tonumber(args[2])
end

function request()
  at = (at + step) % count
  return "GET / HTTP/1.1\r\nHost: h" .. at .. ".bench.test\r\n\r\n"
end
