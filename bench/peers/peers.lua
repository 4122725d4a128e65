-- The requests of rules.lua, as the case wants them. Arguments: what each path begins with, what each URL ends
-- with, and whether the connection is kept (`kept`) or new for each request (`fresh`).
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "../load_balancer/rules.lua")

local make = init

function init(args)
  prefix, suffix = args[1], args[2]
  if args[3] == "fresh" then
    headers["Connection"] = "close"
  end
  make(args)
end
