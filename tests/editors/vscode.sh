#!/bin/bash
# vscode.sh PREFIX SERVER FLEET: builds the extension, installs it into code-server and runs vscode.js there.
set -euo pipefail
prefix=$1 server=$2 fleet=$3
here=$(cd "$(dirname "$0")" && pwd)
extension=$here/../../editors/vscode
work=$fleet/../code; mkdir -p "$work/data/User" "$work/extensions"
# vsce and the build run on the node at hand, code-server on the one that it was built for.
(cd "$extension" && npm ci && npm run build && npm run package -- --out "$work/den.vsix") > "$work/build.log" 2>&1
[ -d "$prefix/node/bin" ] && export PATH=$prefix/node/bin:$PATH
export HOME=$work
echo 'auth: none' > "$work/config.yaml"
printf '{ "den.server.path": "%s", "security.workspace.trust.enabled": false, "chat.disableAIFeatures": true, "workbench.startupEditor": "none" }' \
  "$server" > "$work/data/User/settings.json"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
code() {
  "$prefix/code-server/node_modules/.bin/code-server" --auth none --bind-addr "127.0.0.1:$port" --user-data-dir "$work/data" \
    --extensions-dir "$work/extensions" --config "$work/config.yaml" --disable-telemetry --disable-update-check \
    --disable-getting-started-override --disable-workspace-trust "$@"
}
code --install-extension "$work/den.vsix" > "$work/install.log" 2>&1
code "$fleet" > "$work/code.log" 2>&1 &
running=$!
trap 'for it in $(pgrep -P $running) $running; do kill $it 2> /dev/null || true; done; wait' EXIT
for _ in $(seq 240); do
  python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/healthz')" 2> /dev/null && break
  sleep 0.25
done
PLAYWRIGHT=$prefix/tools/node_modules/playwright-core timeout 240 node "$here/vscode.js" "http://127.0.0.1:$port" "$fleet" \
  "$fleet/modules/hosts/igloo.nix" "$work/out"
