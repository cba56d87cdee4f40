#!/bin/bash
# run.sh [PREFIX]: sessions in real editors, see README.md. Fails if one fails; with DEN_LSP_EDITORS=1 also if one
# is skipped.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
prefix=${1:-}
passed=0 failed=0 skipped=0
# What the answers must say; an empty text is not looked for.
export EXPECT_DIAGNOSTIC=${EXPECT_DIAGNOSTIC-does not exist}

if [ -z "${DEN_LSP_BIN:-}" ]; then
  (cd "$root" && cargo build --quiet --package den-lsp) || exit 1
  DEN_LSP_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/den-lsp
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# first PROGRAM...: the first one that can be started
first() {
  for candidate in "$@"; do
    if [ -n "$candidate" ] && command -v "$candidate" > /dev/null 2>&1; then command -v "$candidate"; return; fi
  done
}

skip() { echo "skipped $1: $2"; skipped=$((skipped + 1)); }

# orphans NAME: the servers of a session that still run; they must end with their editor
orphans() {
  for _ in $(seq 50); do
    pgrep -f "$scratch/$1/den-lsp" > /dev/null || return
    sleep 0.1
  done
  pgrep -f "$scratch/$1/den-lsp"
}

# session NAME COMMAND...: runs the command on a fleet of its own, $FLEET, with a server of its own, $SERVER
session() {
  local name=$1 said left; shift
  if said=$(timeout "${limit:-120}" "$@" 2> "$scratch/$name/stderr"); then
    left=$(orphans "$name")
    if [ -n "$left" ]; then
      echo "FAILED  $name: the server lives on as process $left"; failed=$((failed + 1)); return
    fi
    echo "ok      $name: $said"; passed=$((passed + 1))
  else
    echo "FAILED  $name: $said"; failed=$((failed + 1))
    sed 's/^/        /' "$scratch/$name/stderr"
  fi
}

fleet() {
  mkdir -p "$scratch/$1"
  "$here/workspace.sh" "$scratch/$1/fleet"
  FLEET=$scratch/$1/fleet
  SERVER=$scratch/$1/den-lsp
  ln -s "$DEN_LSP_BIN" "$SERVER"
}

neovim() { # neovim NAME PROGRAM
  fleet "$1"
  export DEN_LSP=$SERVER DEN_ROOT=$FLEET DEN_FILE=$FLEET/modules/hosts/igloo.nix DEN_AT=${DEN_AT:-4:15}
  export DEN_PLUGIN=$root/editors/neovim
  local own=$scratch/$1/home; mkdir -p "$own"
  session "$1" env HOME="$own" XDG_STATE_HOME="$own" XDG_DATA_HOME="$own" XDG_CONFIG_HOME="$own" XDG_CACHE_HOME="$own" \
    "$2" --headless -u NONE -i NONE -n -c "luafile $here/neovim.lua"
}

old=$(first "${NVIM_OLD:-}" /usr/bin/nvim)
if [ -n "$old" ]; then neovim neovim-old "$old"; else skip neovim-old "no /usr/bin/nvim and no NVIM_OLD"; fi
new=$(first "${NVIM:-}" "${prefix:+$prefix/nvim}" nvim)
if [ -n "$new" ] && [ "$new" != "$old" ]; then neovim neovim "$new"; else skip neovim "no nvim of another version in PREFIX or NVIM"; fi

hx=$(first "${HX:-}" "${prefix:+$prefix/hx}" hx helix)
for name in helix helix-burst; do
  if [ -z "$hx" ]; then skip $name "no hx in PREFIX, in HX or on the PATH"; continue; fi
  if ! command -v tmux > /dev/null; then skip $name "no tmux"; continue; fi
  if ! command -v python3 > /dev/null; then skip $name "no python3"; continue; fi
  fleet $name
  session $name python3 "$here/helix.py" "$hx" "$SERVER" "$FLEET" $([ $name = helix-burst ] && echo burst)
done

if [ ! -x "$prefix/code-server/node_modules/.bin/code-server" ]; then skip vscode "no code-server in PREFIX"
elif [ ! -d "$prefix/tools/node_modules/playwright-core" ]; then skip vscode "no playwright-core in PREFIX"
elif ! command -v "${CHROMIUM:-/usr/bin/chromium}" > /dev/null; then skip vscode "no chromium"
else
  fleet vscode
  limit=600 session vscode "$here/vscode.sh" "$prefix" "$SERVER" "$FLEET"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && { [ $skipped = 0 ] || [ "${DEN_LSP_EDITORS:-}" != 1 ]; }
