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

local function contents(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read("a")
  file:close()
  return bytes
end

--- Of a figure's two files the smaller one: photographs are smaller as PNG. The curves of a drawing do not need more than
--- hundredths of a point.
local function smallerFile(path)
  local name = path:gsub("%.png$", ".svg")
  local drawing, pixels = contents(name), contents(path)
  if not drawing or not pixels then return path end
  drawing = drawing:gsub(' d="[^"]*"', function(curve) return (curve:gsub("(%.%d%d)%d+", "%1")) end)
  if #drawing > #pixels then return path end
  pandoc.mediabag.insert(name, "image/svg+xml", drawing)
  return name
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

local function figure(image, content, caption, attributes)
  local blocks = pandoc.List { pandoc.RawBlock("html", "<figure>"), pandoc.Plain { isSlides and image or content } }
  if caption then
    blocks:insert(pandoc.RawBlock("html", "<figcaption>"))
    blocks:insert(pandoc.Plain(caption.content))
    blocks:insert(pandoc.RawBlock("html", "</figcaption>"))
  end
  blocks:insert(pandoc.RawBlock("html", "</figure>"))
  return pandoc.Div(blocks, attributes)
end

--- The figure of such a paragraph, which links to the drawing.
local function linkedFigure(block, caption)
  local link = block.content[1]
  local image = link.content[1]
  local name = pandoc.utils.stringify(image.caption):lower():gsub("[^%w.]+", "-")
  return figure(image, link, caption, pandoc.Attr(name, { "figure" }))
end

--- What stands in `<sub>...</sub>`, from a place in a paragraph to its end: where code or output comes from.
local function source(content, start)
  local first, last = content[start], content[#content]
  if not first or first.t ~= "RawInline" or first.text ~= "<sub>" or last.text ~= "</sub>" then return nil end
  return pandoc.Plain { table.unpack(content, start + 1, #content - 1) }
end

--- The paragraph `![plot.png](plot.png)`, a picture that code has written. The next line says where it comes from.
local function picture(block)
  local image = block.content[1]
  return figure(image, image, source(block.content, 3), pandoc.Attr("", { "figure", "output" }))
end

local function paragraph(block)
  if block.content[1].t == "Image" then return picture(block) end
  local source = source(block.content, 1)
  return source and pandoc.Div({ source }, pandoc.Attr("", { "source" })) or block
end

local function blocks(blocks)
  local result = pandoc.List()
  local index = 1
  while index <= #blocks do
    local block, next = blocks[index], blocks[index + 1]
    if isFigure(block) then
      local caption = isCaption(next) and next or nil
      result:insert(linkedFigure(block, caption))
      if caption then index = index + 1 end
    else
      result:insert(block.t == "Para" and paragraph(block) or block)
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
