-- Tokens of jwt-validation actions. Signatures are HAProxy's to check (`jwt_verify`, between the two actions
-- below); what a token claims is checked here. A signature by a key that HAProxy does not have is put to the
-- balancer, which may find the key in its issuer's set of keys now.
--
-- Arguments of the file: the path of the checks, in JSON, and the balancer's socket.

local ask = require("ask")
local json = require("json")

local settings_path, socket_address = ...

-- Of issued and not-before times: clocks differ a little.
local SKEW_SECONDS = 5
-- Tokens that were good, twice that: a token is asked for again with each of its client's requests.
local REMEMBERED_BYTES_MAX = 2 * 1024 * 1024

local function read_settings()
  local file = assert(io.open(settings_path, "rb"))
  local content = file:read("a")
  file:close()
  return assert(json.object(content), "no JSON object: " .. settings_path)
end

local CHECKS = read_settings()

-- The ends of good tokens, by check and token; `older` is thrown away when `newer` is full.
local newer, older, newer_bytes = {}, {}, 0

-- Of a check, in a second; what more of its tokens are by unknown keys is refused like the last. They cost
-- nothing to send, and the balancer, which is one process, a question each. So many pass that a user whose key
-- is new is not locked out by a few who make up theirs.
local REFUSALS_MAX = 20
-- By check: in which second, how many, and the last reason.
local refusals = {}

local function remember(key, ends)
  if newer_bytes > REMEMBERED_BYTES_MAX then
    older, newer, newer_bytes = newer, {}, 0
  end
  newer[key] = ends
  newer_bytes = newer_bytes + #key
end

local function is_remembered(key, now)
  local ends = newer[key]
  if not ends then
    ends = older[key]
    if ends then remember(key, ends) end
  end
  return ends ~= nil and now < ends
end

local function refuse(txn, reason)
  txn:set_var("txn.error_reason", reason)
end

local function decoded(txn, part)
  return json.object(txn.c:ub64dec(part) or "")
end

-- Before the signature: which key is to check it, unless this very token was good before.
core.register_action("read_token", { "http-req" }, function(txn)
  local id, token = txn:get_var("txn.token_check"), txn:get_var("txn.token")
  if not token then
    local is_absent = not txn.f:req_fhdr("authorization")
    return refuse(txn, is_absent and "JWTHeaderNotPresent" or "JWTRequestFormatInvalid")
  end
  if is_remembered(id .. token, core.now().sec) then
    return txn:set_var("txn.token_is_good", true)
  end
  local head = token:match("^([%w_-]+)%.[%w_-]+%.[%w_-]+$")
  local header = head and decoded(txn, head)
  if not header then return refuse(txn, "JWTRequestFormatInvalid") end
  -- An extension that is critical would have to be understood.
  if header.alg ~= "RS256" or header.crit ~= nil then
    return refuse(txn, "JWTSignatureValidationError")
  end
  local key_id = header.kid == nil and "" or header.kid
  if type(key_id) ~= "string" then return refuse(txn, "JWTRequestFormatInvalid") end
  txn:set_var("txn.token_key", CHECKS[id].keys[key_id] or "unknown")
end)

local function note_refusal(id, reason)
  local second = core.now().sec
  local known = refusals[id]
  local count = known and known.second == second and known.count or 0
  refusals[id] = { second = second, count = count + 1, reason = reason }
end

-- The balancer's word on a signature: "good", or the reason why it is not.
local function asked(id, token)
  local known = refusals[id]
  if known and known.second == core.now().sec and known.count >= REFUSALS_MAX then return known.reason end
  local status, content = ask.balancer(socket_address, "/tokens/" .. id, {}, token)
  local answer = status == 200 and content or "JWKSRequestFailed"
  if answer ~= "good" then note_refusal(id, answer) end
  return answer
end

local CLAIMS = {}

CLAIMS["single-string"] = function(claim, values)
  if type(claim) ~= "string" then return "JWTClaimFormatInvalid" end
  for _, value in ipairs(values) do
    if claim == value then return nil end
  end
  return "JWTClaimValueInvalid"
end

CLAIMS["string-array"] = function(claim, values)
  if type(claim) ~= "table" or getmetatable(claim) ~= json.is_array then return "JWTClaimFormatInvalid" end
  for _, one in ipairs(claim) do
    if type(one) ~= "string" then return "JWTClaimFormatInvalid" end
    for _, value in ipairs(values) do
      if one == value then return nil end
    end
  end
  return "JWTClaimValueInvalid"
end

CLAIMS["space-separated-values"] = function(claim, values)
  if type(claim) ~= "string" then return "JWTClaimFormatInvalid" end
  local present = {}
  for word in claim:gmatch("[^ ]+") do present[word] = true end
  for _, value in ipairs(values) do
    if not present[value] then return "JWTClaimValueInvalid" end
  end
  return nil
end

-- Why a time is not as it must be; nil when it is.
local function time_fault(time, is_right)
  if type(time) ~= "number" then return "JWTClaimFormatInvalid" end
  if not is_right(time) then return "JWTClaimValueInvalid" end
  return nil
end

local function standard_fault(claims, issuer, now)
  if claims.iss == nil or claims.exp == nil then return "JWTClaimNotPresent" end
  local has_begun = function(time) return time <= now + SKEW_SECONDS end
  return CLAIMS["single-string"](claims.iss, { issuer })
    or time_fault(claims.exp, function(time) return now < time end)
    or claims.nbf ~= nil and time_fault(claims.nbf, has_begun)
    or claims.iat ~= nil and time_fault(claims.iat, has_begun)
    or nil
end

-- What is wrong with what a token claims; nil when nothing is.
local function claims_fault(check, claims, now)
  local fault = standard_fault(claims, check.issuer, now)
  for _, wanted in ipairs(check.claims) do
    if fault then return fault end
    local claim = claims[wanted.name]
    if claim == nil then return "JWTClaimNotPresent" end
    fault = CLAIMS[wanted.format](claim, wanted.values)
  end
  return fault
end

-- After the signature: the verdict.
core.register_action("judge_token", { "http-req" }, function(txn)
  local id, token = txn:get_var("txn.token_check"), txn:get_var("txn.token")
  if txn:get_var("txn.token_key") == "unknown" then
    local answer = asked(id, token)
    if answer ~= "good" then return refuse(txn, answer) end
  elseif txn:get_var("txn.token_verified") ~= 1 then
    return refuse(txn, "JWTSignatureValidationError")
  end
  local claims = decoded(txn, token:match("%.([^.]+)%."))
  if not claims then return refuse(txn, "JWTRequestFormatInvalid") end
  local fault = claims_fault(CHECKS[id], claims, core.now().sec)
  if fault then return refuse(txn, fault) end
  remember(id .. token, claims.exp)
  txn:set_var("txn.token_is_good", true)
end)
