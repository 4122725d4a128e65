-- Varied URLs with the headers of an ordinary client, made once, and a summary that a program can read.
-- The first argument, if any, is the method; what is not a GET has a body.
requests, headers = {}, {
  ["User-Agent"] = "python-requests/2.32.3",
  ["Accept"] = "*/*",
  ["Accept-Encoding"] = "gzip, deflate, br, zstd",
}
local turn = 0

function init(args)
  local method = args[1] or "GET"
  local body = method ~= "GET" and string.rep("x", 100) or nil
  for number = 1, 1000 do
    requests[number] = wrk.format(method, "/items/" .. number .. "?page=" .. number % 7, headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local half, most = latency:percentile(50), latency:percentile(99)
  io.write(string.format("SUMMARY %d %d %d %d %d\n", summary.requests, summary.duration, failed, half, most))
end
