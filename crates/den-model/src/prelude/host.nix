# What Den gives every host (den-model 2.3). Descriptions are ours; they are shown in editors.
#
# `system` and `name` are how the host is declared, `aspect` is `den.aspects.<name>`,
# `userType` the type of a user of this host.
{ lib, inputs, system, aspectOf, userType }:
{ config, name, ... }:
let
  inherit (lib) mkOption types;
  text = description: default: mkOption {
    inherit description default;
    type = types.str;
  };
in
{
  options = {
    name = text "Name of the configuration; it selects the aspect." name;
    hostName = text "Network host name." config.name;
    system = text "Platform, for example `x86_64-linux`." system;
    class = text "OS class: `nixos`, `darwin` or `systemManager`." (
      if lib.hasSuffix "darwin" config.system then "darwin" else "nixos"
    );
    aspect = mkOption {
      description = "The aspect that configures this host.";
      type = types.raw;
      default = aspectOf config.name;
    };
    description = text "One line about the host." "${config.class}.${config.hostName}@${config.system}";
    users = mkOption {
      description = "Accounts on this host, by user name.";
      type = types.attrsOf (userType config);
      default = { };
    };
    instantiate = mkOption {
      description = "Function that builds the OS configuration.";
      type = types.raw;
      default =
        {
          nixos = inputs.nixpkgs.lib.nixosSystem;
          darwin = inputs.darwin.lib.darwinSystem;
          systemManager = inputs.system-manager.lib.makeSystemConfig;
        }
        .${config.class};
    };
    intoAttr = mkOption {
      description = "Path of the flake output; an empty list builds nothing.";
      type = types.listOf types.str;
      default =
        {
          nixos = [ "nixosConfigurations" config.name ];
          darwin = [ "darwinConfigurations" config.name ];
          systemManager = [ "systemConfigs" config.name ];
        }
        .${config.class};
    };
    collisionPolicy = mkOption {
      description = "What happens when a class module's argument exists both in Den's context and in the module system.";
      type = types.nullOr (types.enum [ "error" "class-wins" "den-wins" ]);
      default = null;
    };
    home-manager.enable = mkOption {
      description = "Whether home-manager is set up; on if some user has the class `homeManager`.";
      type = types.bool;
      default = lib.any (user: lib.elem "homeManager" user.classes) (lib.attrValues config.users);
    };
    home-manager.module = mkOption {
      description = "The home-manager module for this class of host.";
      type = types.deferredModule;
      default = inputs.home-manager."${config.class}Modules".home-manager;
    };
    hjem.enable = mkOption {
      description = "Whether hjem is set up; on if some user has the class `hjem`.";
      type = types.bool;
      default = lib.any (user: lib.elem "hjem" user.classes) (lib.attrValues config.users);
    };
    hjem.module = mkOption {
      description = "The hjem module for this class of host.";
      type = types.deferredModule;
      default = inputs.hjem."${config.class}Modules".default;
    };
    nix-maid.enable = mkOption {
      description = "Whether nix-maid is set up; on if some user has the class `maid`.";
      type = types.bool;
      default = lib.any (user: lib.elem "maid" user.classes) (lib.attrValues config.users);
    };
    nix-maid.module = mkOption {
      description = "The nix-maid module.";
      type = types.deferredModule;
      default = inputs.nix-maid."${config.class}Modules".default;
    };
    wsl.enable = mkOption {
      description = "Whether this host runs in the Windows Subsystem for Linux.";
      type = types.bool;
      default = false;
    };
    wsl.module = mkOption {
      description = "The NixOS-WSL module.";
      type = types.deferredModule;
      default = inputs.nixos-wsl.nixosModules.default;
    };
    resolved = mkOption {
      description = "The host's aspect with everything it includes, as Den resolves it.";
      type = types.raw;
      readOnly = true;
      internal = true;
    };
    mainModule = mkOption {
      description = "The OS module that everything included amounts to.";
      type = types.deferredModule;
      readOnly = true;
      internal = true;
    };
    hasAspect = mkOption {
      description = "`host.hasAspect den.aspects.x`: whether an aspect is included.";
      type = types.raw;
      readOnly = true;
      internal = true;
    };
    id_hash = mkOption {
      description = "Identity of the host: its kind and the values that tell it from others.";
      type = types.str;
      readOnly = true;
      internal = true;
    };
  };
}
