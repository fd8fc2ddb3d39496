-- Turns a page of the report, which is written for a forge, into a page or a slide deck of the lecture.
-- Paths in pages are relative to the page; here they become relative to the checkout, where pandoc runs.

local folder = pandoc.path.directory(PANDOC_STATE.input_files[1])
local isSlides = FORMAT:match("slides") ~= nil

--- The path from the root of the checkout.
local function fromRoot(target)
  local parts = {}
  for part in (folder .. "/" .. target):gmatch("[^/]+") do
    if part == ".." then table.remove(parts) elseif part ~= "." then table.insert(parts, part) end
  end
  return table.concat(parts, "/")
end

--- A link to a page leads to its HTML, and any other one into the checkout.
local function fromOutput(target)
  if target:match("^%a[%w+.-]*:") or target:match("^#") then return target end
  local path, fragment = target:match("^([^#]*)(.*)$")
  path = fromRoot(path)
  local page = path == "report/report.md" and "index" or path:match("^report/chapters/([^/]+)%.md$")
  if page then return (isSlides and "../site/" or "") .. page .. ".html" .. fragment end
  return "../../" .. path .. fragment
end

local function size(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local size = file:seek("end")
  file:close()
  return size
end

--- Of a figure's two files the smaller one: photographs are smaller as PNG.
local function smallerFile(path)
  local drawing = path:gsub("%.png$", ".svg")
  local pixels, curves = size(path), size(drawing)
  return pixels and curves and curves <= pixels and drawing or path
end

--- The paragraph `[![Figure 1.1](1.1.png)](1.1.svg)`.
local function isFigure(block)
  return block.t == "Para" and #block.content == 1 and block.content[1].t == "Link"
    and #block.content[1].content == 1 and block.content[1].content[1].t == "Image"
end

--- The paragraph `***Figure 1.1*** ...`.
local function isCaption(block)
  return block and block.t == "Para" and block.content[1].t == "Emph" and block.content[1].content[1].t == "Strong"
end

local function figure(block, caption)
  local image = block.content[1].content[1]
  local picture = isSlides and image or block.content[1]
  local content = pandoc.List { pandoc.RawBlock("html", "<figure>"), pandoc.Plain { picture } }
  if caption then
    content:insert(pandoc.RawBlock("html", "<figcaption>"))
    content:insert(pandoc.Plain(caption.content))
    content:insert(pandoc.RawBlock("html", "</figcaption>"))
  end
  content:insert(pandoc.RawBlock("html", "</figure>"))
  local name = pandoc.utils.stringify(image.caption):lower():gsub("[^%w.]+", "-")
  return pandoc.Div(content, pandoc.Attr(name, { "figure" }))
end

--- The paragraph `<sub>...</sub>` below code says where it comes from.
local function source(block)
  local first, last = block.content[1], block.content[#block.content]
  if block.t ~= "Para" or first.t ~= "RawInline" or first.text ~= "<sub>" or last.text ~= "</sub>" then return nil end
  local content = pandoc.List(block.content)
  content:remove(#content)
  content:remove(1)
  return pandoc.Div({ pandoc.Plain(content) }, pandoc.Attr("", { "source" }))
end

local function blocks(blocks)
  local result = pandoc.List()
  local index = 1
  while index <= #blocks do
    local block, next = blocks[index], blocks[index + 1]
    if isFigure(block) then
      local caption = isCaption(next) and next or nil
      result:insert(figure(block, caption))
      if caption then index = index + 1 end
    else
      result:insert(block.t == "Para" and source(block) or block)
    end
    index = index + 1
  end
  return result
end

local function codeBlock(block)
  local language = block.classes[1]
  if language == "math" then return pandoc.Para { pandoc.Math("DisplayMath", block.text) } end
  if language == "output" or language == "text" then
    return pandoc.Div({ pandoc.CodeBlock(block.text) }, pandoc.Attr("", { "output" }))
  end
end

--- Numbers and other short cells stay on one line, and long ones do not become narrow.
local function scrollingTable(table)
  for _, body in ipairs(table.bodies) do
    for _, row in ipairs(body.body) do
      for _, cell in ipairs(row.cells) do
        local length = #pandoc.utils.stringify(cell.contents)
        if length <= 14 then cell.attr = pandoc.Attr("", { "short" }) end
        if length > 28 then cell.attr = pandoc.Attr("", { "long" }) end
      end
    end
  end
  return pandoc.Div({ table }, pandoc.Attr("", { "table" }))
end

return {
  {
    Blocks = blocks,
    CodeBlock = codeBlock,
    Table = scrollingTable,
  },
  {
    Image = function(image)
      image.src = smallerFile(fromRoot(image.src))
      return image
    end,
    Link = function(link)
      link.target = fromOutput(link.target)
      return link
    end,
    Pandoc = function(document)
      local first = document.blocks[1]
      if first and first.t == "Header" and first.level == 1 then
        document.meta.title = pandoc.MetaInlines(first.content)
        document.meta.anchor = first.identifier
        document.blocks:remove(1)
      end
      return document
    end,
  },
}
