-- Starts the server in any Neovim from 0.7 on, with the configuration of lsp/den_lsp.lua.
--   require('den_lsp').setup()
local M = {}

-- The nearest folder above `path` that has one of `markers`.
local function root_of(path, markers)
  local folder = vim.fn.fnamemodify(path, ':p:h')
  while true do
    for _, marker in ipairs(markers) do
      local candidate = folder .. '/' .. marker
      if vim.fn.filereadable(candidate) == 1 or vim.fn.isdirectory(candidate) == 1 then
        return folder
      end
    end
    local parent = vim.fn.fnamemodify(folder, ':h')
    if parent == folder then
      return nil
    end
    folder = parent
  end
end

-- Neovim 0.7 has no vim.lsp.start: one client for each root.
local clients = {}

local function start(config, buffer)
  if vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buffer })
  end
  local key = config.root_dir or ''
  local id = clients[key]
  if not id or vim.lsp.client_is_stopped(id) then
    id = vim.lsp.start_client(config)
    clients[key] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
  return id
end

function M.setup(options)
  options = options or {}
  if vim.fn.has('nvim-0.11') == 1 then
    vim.lsp.config('den_lsp', options)
    vim.lsp.enable('den_lsp')
    return
  end
  local file = vim.api.nvim_get_runtime_file('lsp/den_lsp.lua', false)[1]
  local base = vim.tbl_deep_extend('force', dofile(file), options)
  vim.api.nvim_create_autocmd('FileType', {
    pattern = base.filetypes,
    callback = function(event)
      local path = vim.api.nvim_buf_get_name(event.buf)
      if path == '' then
        return
      end
      local config = {
        name = 'den_lsp',
        cmd = base.cmd,
        cmd_env = base.cmd_env,
        settings = base.settings,
        on_attach = base.on_attach,
        capabilities = base.capabilities,
        root_dir = root_of(path, base.root_markers),
      }
      start(config, event.buf)
    end,
  })
end

return M
