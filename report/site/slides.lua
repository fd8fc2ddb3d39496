-- Distributes a page over slides of 1280x720 pixels: one for each heading and each figure, and for long code as many as it
-- needs. Heights are estimates in pixels; the template's script makes a slide's type smaller where one was too low.

local room = 560
local text = pandoc.utils.stringify

local slides = pandoc.List()
local title, identifier = nil, ""
local content, height = pandoc.List(), 0

local function finishSlide()
  if #content == 0 then return end
  -- A slide that continues another one has no name of its own.
  slides:insert(pandoc.Header(2, title, pandoc.Attr(identifier, {})))
  slides:extend(content)
  content, height, identifier = pandoc.List(), 0, ""
end

local function add(block, blockHeight)
  if height + blockHeight > room then finishSlide() end
  content:insert(block)
  height = height + blockHeight
end

--- The width of a figure divided by its height, which its drawing says.
local function aspect(path)
  local file = io.open((path:gsub("%.png$", ".svg")), "rb")
  if not file then return 2 end
  local width, height = file:read(400):match('width="([%d.]+)%a*" height="([%d.]+)')
  file:close()
  return width and tonumber(width) / tonumber(height) or 2
end

--- Whether the slide so far has only text, of at most so many characters.
local function isShortText(most)
  for _, block in ipairs(content) do
    if block.t ~= "Para" then return false end
  end
  return #text(pandoc.Div(content)) <= most
end

--- A figure fills its slide. A tall one has its caption at the right. A short text in front of it joins it.
local function addFigure(div)
  local isTall = aspect(div.content[2].content[1].src) < 1.7
  if not isShortText(isTall and 320 or 190) then finishSlide() end
  if isTall then
    div.classes:insert("tall")
    for index = #content, 1, -1 do div.content:insert(4, pandoc.Div({ content[index] }, pandoc.Attr("", { "lead" }))) end
    content = pandoc.List()
  end
  content:insert(div)
  finishSlide()
end

local function lines(characters, line) return math.max(1, math.ceil(characters / line)) end

--- The lines of code at the left edge, the size of type at which the longest one fits, how many such lines a slide
--- holds, and the height of one.
local function measure(code)
  local all, longest, margin = pandoc.List(), 0, math.huge
  for line in (code .. "\n"):gmatch("(.-)\n") do
    all:insert(line)
    if line:match("%S") then margin = math.min(margin, #line:match("^ *")) end
  end
  for index, line in ipairs(all) do
    all[index] = line:sub(margin + 1)
    longest = math.max(longest, utf8.len(all[index]) or #all[index])
  end
  if longest <= 82 then return all, "large", 17, 30 end
  if longest <= 100 then return all, "medium", 21, 24.5 end
  if longest <= 122 then return all, "small", 26, 20 end
  return all, "tiny", 30, 17.5
end

--- Where to end a part that begins at `first`: near the end of the slide, before an empty line or a shallow one, but not
--- between a comment or an opening brace and what follows it.
local function partEnd(all, first, most)
  local last = first + most - 1
  if last >= #all then return #all end
  local best, least = last, math.huge
  for candidate = last, first + most // 2, -1 do
    local line, next = all[candidate], all[candidate + 1]
    local cost = next:match("^%s*$") and -1 or #next:match("^ *")
    if next:match("^%s*[})%]]") then cost = cost + 4 end
    if line:match("^%s*//") or line:match("[{(%[]$") then cost = cost + 40 end
    if cost < least then best, least = candidate, cost end
  end
  return best
end

--- Code or output; `wrap` makes the block of a part. Long code has slides of its own, but for a short text in front of it.
local function addCode(code, wrap)
  local all, size, most, lineHeight = measure(code)
  if #all <= 10 then return add(wrap(table.concat(all, "\n"), size), #all * lineHeight + 44) end
  if not isShortText(190) then finishSlide() end
  local first = 1
  while first <= #all do
    local last = partEnd(all, first, most - math.ceil(height / lineHeight))
    local part = table.concat(all, "\n", first, last):gsub("^\n+", "")
    if part ~= "" then
      add(wrap(part, size), (last - first + 1) * lineHeight + 30)
      if last < #all then finishSlide() end
    end
    first = last + 1
  end
end

--- A table stays whole if it fits on one slide; the template's script makes up for a little. Others become equal parts.
local function addTable(div)
  local whole = div.content[1]
  local rows, heights, total = whole.bodies[1].body, pandoc.List(), 0
  for index, row in ipairs(rows) do
    local characters = 0
    for _, cell in ipairs(row.cells) do characters = characters + #text(cell.contents) + 3 end
    heights[index] = 12 + 25 * lines(characters, 105)
    total = total + heights[index]
  end
  local parts = math.max(1, math.ceil((total + 50) / (room * 1.15)))
  if height + total + 50 > room then finishSlide() end
  local part, partHeight = pandoc.List(), 0
  for index, row in ipairs(rows) do
    part:insert(row)
    partHeight = partHeight + heights[index]
    if index == #rows or partHeight >= total / parts then
      local copy = whole:clone()
      copy.bodies[1].body = part
      add(pandoc.Div({ copy }, div.attr), partHeight + 50)
      if index < #rows then finishSlide() end
      part, partHeight = pandoc.List(), 0
    end
  end
end

local function addList(list)
  local start = list.t == "OrderedList" and list.start or nil
  for index, item in ipairs(list.content) do
    local part = start and pandoc.OrderedList({ item }, pandoc.ListAttributes(start + index - 1))
      or pandoc.BulletList { item }
    add(part, 35 * lines(#text(pandoc.Div(item)), 88) + 8)
  end
end

local function place(block)
  if block.t == "Header" then
    finishSlide()
    title, identifier = block.content, block.identifier
  elseif block.t == "Div" and block.classes:includes("figure") then
    addFigure(block)
  elseif block.t == "Div" and block.classes:includes("table") then
    addTable(block)
  elseif block.t == "Div" and block.classes:includes("output") then
    addCode(block.content[1].text, function(code, size)
      return pandoc.Div({ pandoc.CodeBlock(code) }, pandoc.Attr("", { "output", size }))
    end)
  elseif block.t == "Div" and block.classes:includes("source") then
    -- It belongs to the code above it.
    content:insert(block)
    height = height + 30
  elseif block.t == "CodeBlock" then
    addCode(block.text, function(code, size)
      return pandoc.Div({ pandoc.CodeBlock(code, block.attr) }, pandoc.Attr("", { size }))
    end)
  elseif block.t == "BulletList" or block.t == "OrderedList" then
    addList(block)
  elseif block.t == "Para" and block.content[1].t == "Math" then
    add(block, 110)
  else
    add(block, 35 * lines(#text(block), 92) + 18)
  end
end

function Pandoc(document)
  title = pandoc.Inlines(document.meta.title)
  for _, block in ipairs(document.blocks) do place(block) end
  finishSlide()
  document.blocks = slides
  return document
end
