-- Sessions whose claims are to be asked for again: the balancer does, and HAProxy goes on with the new one.
--
-- Argument of the file: the balancer's socket.

local ask = require("ask")

local socket_address = ...

core.register_action("refresh_session", { "http-req" }, function(txn)
  local headers = { ["tidegate-balancer"] = txn:get_var("txn.balancer") }
  local path = "/sessions/" .. txn:get_var("txn.login")
  local status, content = ask.balancer(socket_address, path, headers, txn:get_var("txn.session"))
  if status ~= 200 then
    txn:set_var("txn.error_reason", status == 401 and content or "AuthUnhandledException")
    return txn:set_var("txn.is_session_lost", true)
  end
  local number = -1
  for line in content:gmatch("[^\n]+") do
    txn:set_var(number < 0 and "txn.session" or "txn.set_cookie_" .. number, line)
    number = number + 1
  end
end)
