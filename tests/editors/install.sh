#!/bin/bash
# install.sh PREFIX: the editors of the sessions.
#   into the system, with apt (Debian 12): neovim 0.7.2, tmux
#   into PREFIX, from the packages of the next release: neovim 0.10.4, helix 25.01 (`PREFIX/nvim`, `PREFIX/hx`), unpacked
#   beside all libraries that they need and started through their own dynamic loader
set -euo pipefail
mkdir -p "${1:?usage: install.sh PREFIX}"
prefix=$(cd "$1" && pwd)
apt-get update -qq
apt-get install -y -qq --no-install-recommends neovim tmux python3 > "$prefix/apt.log" 2>&1

state=$prefix/apt
mkdir -p "$state"/{lists/partial,cache/archives/partial,state}
: > "$state/status"
# The mirror that this machine uses already.
mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1 | tr -d ' ')
[ -n "$mirror" ] || mirror=$(grep -rhE '^URIs:' /etc/apt/sources.list.d | grep -v security | head -1 | cut -d' ' -f2)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > "$state/sources.list"
options=(
  -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State=$state/state"
  -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache"
  -o APT::Install-Recommends=false -o Debug::NoLocking=1 -o APT::Sandbox::User=root
)
apt-get "${options[@]}" update >> "$prefix/apt.log" 2>&1
# With an empty list of installed packages every dependency comes along.
apt-get "${options[@]}" install -y --download-only neovim hx >> "$prefix/apt.log" 2>&1
mkdir -p "$prefix/root"
for package in "$state"/cache/archives/*.deb; do dpkg-deb -x "$package" "$prefix/root"; done
rm -rf "$state/cache" "$state/lists"

arch=$(uname -m)-linux-gnu
loader=$(find "$prefix/root/usr/lib" -name 'ld-linux*.so*' | head -1)
wrap() { # wrap NAME PROGRAM SETUP
  cat > "$prefix/$1" <<SH
#!/bin/sh
root=$prefix/root
$3
exec $loader --argv0 $1 --library-path \$root/usr/lib/$arch:\$root/lib/$arch \$root/$2 "\$@"
SH
  chmod +x "$prefix/$1"
}
wrap nvim usr/bin/nvim 'export VIMRUNTIME=$root/usr/share/nvim/runtime'
wrap hx usr/lib/hx/hx ''
