-- Certificates one after the other, in DER and then in hexadecimal digits, as PEM for a header's value:
-- a client's chain is one such string, and nothing else of HAProxy's tells where each of them ends.

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function letter(bits)
  return LETTERS:sub(bits + 1, bits + 1)
end

local function base64(bytes)
  local text = bytes:gsub("..?.?", function(three)
    local a, b, c = three:byte(1, 3)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    return letter(bits // 262144) .. letter(bits // 4096 % 64)
      .. (b and letter(bits // 64 % 64) or "=") .. (c and letter(bits % 64) or "=")
  end)
  return text
end

-- The length of the ASN.1 sequence at a position, its head included; nil where there is none.
local function length_at(bytes, position)
  local tag, first = bytes:byte(position, position + 1)
  if tag ~= 0x30 or not first then return nil end
  if first < 0x80 then return first + 2 end
  local length = 0
  for offset = 2, first - 0x80 + 1 do
    local byte = bytes:byte(position + offset)
    if not byte then return nil end
    length = length * 256 + byte
  end
  return length + first - 0x80 + 2
end

local function pem(der)
  local lines = base64(der):gsub(("."):rep(64), "%0%%0A")
  if lines:sub(-3) ~= "%0A" then lines = lines .. "%0A" end
  return "-----BEGIN%20CERTIFICATE-----%0A" .. lines .. "-----END%20CERTIFICATE-----%0A"
end

core.register_converters("pem_chain", function(digits)
  local bytes = digits:gsub("..", function(pair) return string.char(tonumber(pair, 16)) end)
  local found, position = "", 1
  while position <= #bytes do
    local length = length_at(bytes, position)
    if not length then break end
    found = found .. pem(bytes:sub(position, position + length - 1))
    position = position + length
  end
  return found
end)
