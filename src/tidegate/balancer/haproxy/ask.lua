-- Questions that HAProxy puts to the balancer, and waits for, while it serves others.

local ask = {}

-- A provider has five seconds for each of the two answers that one question may need.
local SECONDS = 12

-- The status and the body of the answer to a POST; 0 and "" when there is none.
function ask.balancer(address, path, headers, body)
  local socket = core.tcp()
  socket:settimeout(SECONDS)
  if not socket:connect(address) then return 0, "" end
  local lines = { "POST " .. path .. " HTTP/1.0", "Content-Length: " .. #body }
  for name, value in pairs(headers) do lines[#lines + 1] = name .. ": " .. value end
  socket:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. body)
  local answer = socket:receive("*a") or ""
  socket:close()
  local status, content = answer:match("^HTTP/1.%d (%d%d%d) .-\r\n\r\n(.*)$")
  return tonumber(status or 0), content or ""
end

return ask
