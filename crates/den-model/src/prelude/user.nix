# What Den gives every user of a host (den-model 2.4).
{ lib, host, aspectOf }:
{ config, name, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    name = mkOption {
      description = "Name of the user; it selects the aspect.";
      type = types.str;
      default = name;
    };
    userName = mkOption {
      description = "Name of the account.";
      type = types.str;
      default = config.name;
    };
    classes = mkOption {
      description = "Classes whose content this user gets; only `user` unless something is set.";
      type = types.listOf types.str;
      default = [ "user" ];
    };
    aspect = mkOption {
      description = "The aspect that configures this user.";
      type = types.raw;
      default = aspectOf config.name;
    };
    host = mkOption {
      description = "The host that the account is on.";
      type = types.raw;
      default = host;
    };
    collisionPolicy = mkOption {
      description = "What happens when a class module's argument exists both in Den's context and in the module system.";
      type = types.nullOr (types.enum [ "error" "class-wins" "den-wins" ]);
      default = null;
    };
    resolved = mkOption {
      description = "The user's aspect with everything it includes, as Den resolves it.";
      type = types.raw;
      readOnly = true;
      internal = true;
    };
    hasAspect = mkOption {
      description = "`user.hasAspect den.aspects.x`: whether an aspect is included.";
      type = types.raw;
      readOnly = true;
      internal = true;
    };
    id_hash = mkOption {
      description = "Identity of the user.";
      type = types.str;
      readOnly = true;
      internal = true;
    };
  };
}
