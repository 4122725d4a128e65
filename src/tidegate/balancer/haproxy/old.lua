-- `put server BACKEND/NAME ...`: what `set server` and `shutdown sessions server` do, also in a worker that has
-- been replaced, where HAProxy refuses those because its proxies have stopped.

local function found(place)
  local backend, name = place:match("^([^/]+)/(.+)$")
  local proxy = backend and core.backends[backend]
  return proxy and proxy.servers[name]
end

local states = { ready = "set_ready", drain = "set_drain", maint = "set_maint" }

local changes = {
  state = function(server, state) server[states[state]](server) end,
  weight = function(server, weight) server:set_weight(weight) end,
  addr = function(server, address, _, port) server:set_addr(address, tonumber(port)) end,
  ["end"] = function(server) server:shut_sess() end,
}

core.register_cli({ "put", "server" }, "put server: a change of a worker's", function(applet, _, _, place, what, ...)
  local server, change = found(place or ""), changes[what]
  if server and change then
    change(server, ...)
    applet:send("\n")
  else
    applet:send("No such server, or nothing that could be changed.\n")
  end
end)
