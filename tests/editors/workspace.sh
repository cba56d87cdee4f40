#!/bin/sh
# workspace.sh FOLDER: a small fleet for the editors, with one fault in igloo.nix
set -eu
folder=${1:?usage: workspace.sh FOLDER}
mkdir -p "$folder/modules/hosts" "$folder/modules/disk"
cat > "$folder/flake.nix" <<'NIX'
{
  outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } (inputs.import-tree ./modules);
}
NIX
cat > "$folder/modules/disk/zfs.nix" <<'NIX'
{ den, lib, ... }:
{
  den.aspects.disk.zfs = {
    settings.device = lib.mkOption {
      type = lib.types.str;
      description = "The disk";
    };
    nixos = { host, ... }: { boot.zfs.devNodes = host.settings.disk.zfs.device; };
  };
}
NIX
cat > "$folder/modules/hosts/igloo.nix" <<'NIX'
{ den, ... }:
{
  den.hosts.x86_64-linux.igloo = {
    settings.disk.zfs.device = "/dev/sda";
  };
  den.aspects.igloo.includes = [ den.aspects.disk.zfs den.aspects.editor ];
}
NIX
