-- JSON as Lua's values. An array is a table of 1 to n with `is_array` as its metatable; null is `null`.

local json = { is_array = {}, null = {} }

-- What is nested deeper is nobody's token, and would use up the stack.
local DEPTH_MAX = 32
local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}
local WORDS = { ["true"] = true, ["false"] = false, null = json.null }

local function refuse(at)
  error({ at = at })
end

local function next_of(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function code_point(text, at)
  local digits = text:match("^%x%x%x%x", at)
  if not digits then refuse(at) end
  return tonumber(digits, 16)
end

-- The character of `\uXXXX`, and where the text goes on; `at` is that of its first digit.
local function escaped_character(text, at)
  local code = code_point(text, at)
  if code < 0xD800 or code > 0xDFFF then return utf8.char(code), at + 4 end
  if code > 0xDBFF or text:sub(at + 4, at + 5) ~= "\\u" then refuse(at) end
  local low = code_point(text, at + 6)
  if low < 0xDC00 or low > 0xDFFF then refuse(at) end
  return utf8.char(0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00), at + 10
end

-- `at` is after the opening quote.
local function read_string(text, at)
  local parts = {}
  while true do
    local stop = text:find('["\\%c]', at)
    if not stop then refuse(at) end
    parts[#parts + 1] = text:sub(at, stop - 1)
    local found = text:sub(stop, stop)
    if found == '"' then return table.concat(parts), stop + 1 end
    if found ~= "\\" then refuse(stop) end
    local letter = text:sub(stop + 1, stop + 1)
    if letter == "u" then
      parts[#parts + 1], at = escaped_character(text, stop + 2)
    else
      parts[#parts + 1] = ESCAPES[letter] or refuse(stop)
      at = stop + 2
    end
  end
end

local read_value

local function read_array(text, at, depth)
  local found = setmetatable({}, json.is_array)
  at = next_of(text, at)
  if text:sub(at, at) == "]" then return found, at + 1 end
  while true do
    found[#found + 1], at = read_value(text, at, depth)
    at = next_of(text, at)
    local separator = text:sub(at, at)
    if separator == "]" then return found, at + 1 end
    if separator ~= "," then refuse(at) end
    at = next_of(text, at + 1)
  end
end

local function read_object(text, at, depth)
  local found = {}
  at = next_of(text, at)
  if text:sub(at, at) == "}" then return found, at + 1 end
  while true do
    local name
    if text:sub(at, at) ~= '"' then refuse(at) end
    name, at = read_string(text, at + 1)
    at = next_of(text, at)
    -- Two readers may take different ones of two members of a name.
    if text:sub(at, at) ~= ":" or found[name] ~= nil then refuse(at) end
    found[name], at = read_value(text, next_of(text, at + 1), depth)
    at = next_of(text, at)
    local separator = text:sub(at, at)
    if separator == "}" then return found, at + 1 end
    if separator ~= "," then refuse(at) end
    at = next_of(text, at + 1)
  end
end

function read_value(text, at, depth)
  if depth > DEPTH_MAX then refuse(at) end
  local first = text:sub(at, at)
  if first == '"' then return read_string(text, at + 1) end
  if first == "{" then return read_object(text, at + 1, depth + 1) end
  if first == "[" then return read_array(text, at + 1, depth + 1) end
  local word = text:match("^%l+", at)
  if word and WORDS[word] ~= nil then return WORDS[word], at + #word end
  local digits = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  return tonumber(digits or "") or refuse(at), at + #(digits or "")
end

-- The object that a text is, and nothing else; nil for any other text.
function json.object(text)
  local is_read, found, after = pcall(function()
    local value, position = read_value(text, next_of(text, 1), 0)
    return value, next_of(text, position)
  end)
  if not is_read or after <= #text or type(found) ~= "table" then return nil end
  if getmetatable(found) == json.is_array or found == json.null then return nil end
  return found
end

return json
