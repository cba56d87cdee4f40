-- Den's language server. Beside nil or nixd, not instead of them.
--   vim.lsp.enable({ 'nil_ls', 'den_lsp' })
---@type vim.lsp.Config
return {
  cmd = { 'den-lsp', 'server' },
  filetypes = { 'nix' },
  root_markers = { 'flake.nix', '.git' },
  -- The keys are in editors/README.md.
  settings = {},
}
