# What Den gives every standalone home (den-model 2.5). The key is `user` or `user@host`.
{ lib, inputs, system, key, hostOf, aspectOf }:
{ config, ... }:
let
  inherit (lib) mkOption types;
  parts = builtins.split "@" key;
  bound = builtins.length parts > 1;
  userName = lib.head parts;
  hostName = if bound then lib.last parts else null;
  declared = if bound then hostOf hostName else null;
in
{
  config.name = lib.mkForce userName;
  options = {
    name = mkOption {
      description = "Name of the home: the user part of its key.";
      type = types.str;
    };
    userName = mkOption {
      description = "Name of the account.";
      type = types.str;
      default = userName;
    };
    hostName = mkOption {
      description = "Name of the host after `@` in the key, or null.";
      type = types.nullOr types.str;
      default = hostName;
    };
    host = mkOption {
      description = "The host that the home is bound to, or null.";
      type = types.raw;
      default =
        if declared != null then
          declared
        else if bound then
          { name = hostName; }
        else
          null;
    };
    user = mkOption {
      description = "The user of that host, or null.";
      type = types.raw;
      default = if declared != null then declared.users.${userName} or null else null;
    };
    system = mkOption {
      description = "Platform, for example `x86_64-linux`.";
      type = types.str;
      default = system;
    };
    class = mkOption {
      description = "Class of the home.";
      type = types.str;
      default = "homeManager";
    };
    aspect = mkOption {
      description = "The aspect that configures this home.";
      type = types.raw;
      default = aspectOf config.name;
    };
    description = mkOption {
      description = "One line about the home.";
      type = types.str;
      default = "home.${config.name}@${config.system}";
    };
    pkgs = mkOption {
      description = "The package set that the home is built with.";
      type = types.raw;
      default = inputs.nixpkgs.legacyPackages.${config.system};
    };
    instantiate = mkOption {
      description = "Function that builds the home.";
      type = types.raw;
      default = { homeManager = inputs.home-manager.lib.homeManagerConfiguration; }.${config.class};
    };
    intoAttr = mkOption {
      description = "Path of the flake output.";
      type = types.listOf types.str;
      default = { homeManager = [ "homeConfigurations" key ]; }.${config.class};
    };
    collisionPolicy = mkOption {
      description = "What happens when a class module's argument exists both in Den's context and in the module system.";
      type = types.nullOr (types.enum [ "error" "class-wins" "den-wins" ]);
      default = null;
    };
    resolved = mkOption {
      description = "The home's aspect with everything it includes, as Den resolves it.";
      type = types.raw;
      readOnly = true;
      internal = true;
    };
    hasAspect = mkOption {
      description = "`home.hasAspect den.aspects.x`: whether an aspect is included.";
      type = types.raw;
      readOnly = true;
      internal = true;
    };
    id_hash = mkOption {
      description = "Identity of the home.";
      type = types.str;
      readOnly = true;
      internal = true;
    };
  };
}
