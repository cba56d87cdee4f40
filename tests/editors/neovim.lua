-- One session in Neovim 0.7 or later, without a screen; prints one line and sets the exit code.
--   DEN_LSP, DEN_ROOT, DEN_FILE, DEN_PLUGIN: the server, the fleet, the file, the plugin's folder
--   DEN_AT=LINE:COLUMN: the cursor; EXPECT_*: see README.md
local env = vim.env
local said = {}

local function finish(ok, text)
  io.stdout:write(text .. '\n')
  vim.cmd(ok and 'qa!' or 'cq')
end

local function wait(what, predicate)
  assert(vim.wait(20000, predicate, 10), what .. ' never came')
end

local function clients()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)()
end

-- A request through the client, the whole answer.
local function request(client, buffer, method, params)
  local answer, failure
  local handler = function(err, result)
    failure, answer = err, { result = result }
  end
  local sent
  if vim.fn.has('nvim-0.11') == 1 then
    sent = client:request(method, params, handler, buffer)
  else
    sent = client.request(method, params, handler, buffer)
  end
  assert(sent, method .. ' was not sent')
  wait('the answer to ' .. method, function()
    return answer ~= nil
  end)
  assert(failure == nil, method .. ': ' .. vim.inspect(failure))
  return answer.result
end

local function expect(name, found)
  local want = env['EXPECT_' .. name]
  if want and want ~= '' then
    assert(found:find(want, 1, true), name .. ': ' .. want .. ' is not in ' .. found)
    table.insert(said, name:lower())
  end
end

local ok, problem = pcall(function()
  vim.opt.runtimepath:append(env.DEN_PLUGIN)
  require('den_lsp').setup({ cmd = { env.DEN_LSP, 'server' } })
  vim.cmd('edit ' .. vim.fn.fnameescape(env.DEN_FILE))
  vim.bo.filetype = 'nix'
  local buffer = vim.api.nvim_get_current_buf()
  wait('a client', function()
    return clients()[1] ~= nil and clients()[1].initialized
  end)
  local client = clients()[1]
  local capabilities = client.server_capabilities
  assert(capabilities.hoverProvider and capabilities.completionProvider, 'the server offers too little')
  wait('the buffer to be attached', function()
    return vim.lsp.buf_is_attached(buffer, client.id)
  end)
  assert(client.config.root_dir == env.DEN_ROOT, 'the root is ' .. tostring(client.config.root_dir))

  if env.EXPECT_DIAGNOSTIC and env.EXPECT_DIAGNOSTIC ~= '' then
    wait('a diagnostic', function()
      return #vim.diagnostic.get(buffer) > 0
    end)
  end
  expect('DIAGNOSTIC', vim.inspect(vim.diagnostic.get(buffer)))

  local line, column = env.DEN_AT:match('(%d+):(%d+)')
  local at = {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    position = { line = tonumber(line) - 1, character = tonumber(column) - 1 },
  }
  expect('HOVER', vim.inspect(request(client, buffer, 'textDocument/hover', at)))
  expect('COMPLETION', vim.inspect(request(client, buffer, 'textDocument/completion', at)))
  local definition = request(client, buffer, 'textDocument/definition', at)
  local target = type(definition) == 'table' and definition[1] or {}
  local range = target.targetSelectionRange or target.range
  expect('DEFINITION', range and (target.targetUri or target.uri) .. ':' .. (range.start.line + 1) or 'nothing')
  request(client, buffer, 'textDocument/documentSymbol', { textDocument = at.textDocument })

  -- Edits with characters of every length, then the saved text: the server says if it had another.
  local news = {}
  local log = vim.lsp.handlers['window/logMessage']
  vim.lsp.handlers['window/logMessage'] = function(err, result, ...)
    table.insert(news, result and result.message or '')
    return log and log(err, result, ...)
  end
  vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { '# gr\xc3\xbcn \xf0\x9f\x98\x80 x', '# second' })
  vim.api.nvim_buf_set_text(buffer, 0, 13, 0, 14, { 'y', 'z' })
  vim.api.nvim_buf_set_lines(buffer, 1, 2, false, {})
  vim.wait(300)
  vim.cmd('write')
  request(client, buffer, 'textDocument/hover', at)
  for _, text in ipairs(news) do
    assert(not text:find('took over'), 'the server had another text: ' .. text)
  end
end)

local version = vim.version()
local name = ('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch)
if not ok then
  finish(false, name .. ': ' .. tostring(problem))
else
  local found = #said > 0 and ': ' .. table.concat(said, ', ') or ''
  finish(true, name .. found)
end
