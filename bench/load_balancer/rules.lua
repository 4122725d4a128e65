-- Requests for every rule of the bench in turn, and some for none. See rules.py.
local requests, turn = {}, 0
local headers = {
  ["User-Agent"] = "python-requests/2.32.3",
  ["Accept"] = "*/*",
  ["Accept-Encoding"] = "gzip, deflate, br, zstd",
}

local function asking(rule, number)
  local kind = rule % 10
  if kind < 4 then
    return "www.example.com", "/team-" .. rule .. "/items/" .. number
  elseif kind < 7 then
    return "app-" .. rule .. ".example.com", "/items/" .. number
  elseif kind < 9 then
    return "app-" .. rule .. ".example.com", "/api-" .. rule .. "/items/" .. number
  end
  return "www.example.com", "/v2/kinds-" .. rule .. "/" .. number .. "/parts"
end

function init(args)
  for number = 0, 1099 do
    local host, path = asking(number % 110, number)
    headers["Host"] = host
    requests[number + 1] = wrk.format("GET", path .. "?page=" .. number % 7, headers)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("SUMMARY %d %d %d\n", summary.requests, summary.duration, failed))
end
