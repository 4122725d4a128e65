-- Requests for every rule of the bench in turn, and some for none. See rules.py; the rest is as in wrk.lua.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "wrk.lua")

-- Other scripts may set these: what each path begins with, and what each URL ends with.
prefix, suffix = "", ""

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
    -- As clients do that ask a port which is not the usual one.
    headers["Host"] = host .. ":" .. wrk.port
    requests[number + 1] = wrk.format("GET", prefix .. path .. "?page=" .. number % 7 .. suffix, headers)
  end
end
