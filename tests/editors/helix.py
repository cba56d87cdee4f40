#!/usr/bin/env python3
"""helix.py HX DEN_LSP FLEET [burst]: one session in Helix under tmux; prints one line, the exit code tells.

Without `burst`: the server attaches, the file opens, hover, definition and completion are asked for and answered.
With it: 200 keys come at once and the file is saved; Helix sends the changes out of order, and the server must
have the editor's text all the same.  What it did is read from Helix's log, where the server's own log goes too.
"""
import os
import re
import subprocess
import sys
import time

hx, server, fleet = sys.argv[1:4]
burst = sys.argv[4:] == ["burst"]
home = os.path.join(fleet, os.pardir, "home")
log = os.path.join(home, "helix.log")
sock = os.path.join(home, "tmux")
file = os.path.join(fleet, "modules", "hosts", "igloo.nix")
os.makedirs(os.path.join(home, "helix"))
with open(os.path.join(home, "helix", "languages.toml"), "w") as out:
    out.write(f'''[language-server.den-lsp]
command = "{server}"
args = ["server"]

[[language]]
name = "nix"
language-servers = ["den-lsp"]
''')
with open(os.path.join(home, "helix", "config.toml"), "w") as out:
    out.write('[editor]\nend-of-line-diagnostics = "hint"\nidle-timeout = 50\n[editor.lsp]\ndisplay-messages = true\n')
env = dict(os.environ, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home, XDG_STATE_HOME=home, HOME=home, DEN_LSP_LOG="debug",
           TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", LC_ALL="C.UTF-8")
env.pop("TMUX", None)


def tmux(*args):
    command = ["tmux", "-S", sock, *args]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


def keys(*args):
    tmux("send-keys", "-t", "e2e", *args)


def logged():
    try:
        with open(log, errors="replace") as it:
            return it.read()
    except OSError:
        return ""


def wait(what, predicate):
    until = time.time() + 20
    while time.time() < until:
        found = predicate()
        if found:
            return found
        time.sleep(0.05)
    print(tmux("capture-pane", "-p", "-t", "e2e"), file=sys.stderr)
    sys.exit(f"helix: {what} never came")


def answered(method, before=0):
    """Helix logs `-> {request}` and `<- {answer}`; the answer to the newest request of this method."""
    text = logged()
    asked = [(m.start(), m.group(1)) for m in re.finditer(r'-> (\{.*"method":"' + re.escape(method) + r'".*\})', text)]
    if len(asked) <= before:
        return None
    number = re.search(r'"id":(\d+)', asked[-1][1])
    answer = re.search(r'<- (\{[^\n]*"id":' + number.group(1) + r'[^\n]*\})', text[asked[-1][0]:])
    return answer.group(1) if answer else None


def expect(name, text):
    want = os.environ.get("EXPECT_" + name, "")
    if want:
        wait(f"{name.lower()} {want!r}", lambda: want in text())
        told.append(name.lower())


told = []
try:
    tmux("-f", "/dev/null", "new-session", "-d", "-s", "e2e", "-x", "140", "-y", "40", "-c", fleet,
         f"'{hx}' -vv --log '{log}' '{file}'")
    screen = lambda: tmux("capture-pane", "-p", "-t", "e2e")
    wait("an attached server", lambda: '"method":"textDocument/didOpen"' in logged())
    if burst:
        text = "abcdefghij" * 20
        keys("o")
        keys("-l", "# ")
        time.sleep(0.3)
        keys("-l", text)
        time.sleep(1.0)
        keys("Escape")
        time.sleep(0.2)
        keys("-l", ":w")
        keys("Enter")
        wait("the save", lambda: '"method":"textDocument/didSave"' in logged())
        with open(file) as saved:
            assert text in saved.read(), "Helix saved something else"
        keys("8", "g", "g", "Space", "k")
        wait("an answer after the save", lambda: answered("textDocument/hover"))
        if not re.search(r'"method":"textDocument/didSave".*"text":"', logged()):
            sys.exit("helix: the save did not carry the text, so nothing was compared")
        if "took over" in logged():
            sys.exit("helix: the server had another text")
        late = len(re.findall(r"change \d+ came after change", logged()))
        told.append(f"{late} of 200 changes came late")
    else:
        expect("DIAGNOSTIC", screen)
        line, column = os.environ.get("DEN_AT", "4:15").split(":")
        keys(line, "g", "g", str(int(column) - 1), "l")
        time.sleep(0.3)
        keys("Space", "k")
        wait("an answer to hover", lambda: answered("textDocument/hover"))
        expect("HOVER", screen)
        keys("Escape")
        keys("g", "d")
        wait("an answer to definition", lambda: answered("textDocument/definition"))
        expect("DEFINITION", screen)
        keys("Escape")
        keys("A")
        keys("C-x")
        wait("an answer to completion", lambda: answered("textDocument/completion"))
        expect("COMPLETION", screen)
    errors = [it for it in logged().splitlines() if "internal error" in it or "panicked" in it]
    if errors:
        sys.exit("helix: " + errors[0])
    keys("Escape")
    keys("-l", ":q!")
    keys("Enter")
    time.sleep(0.3)
finally:
    subprocess.run(["tmux", "-S", sock, "kill-server"], env=env, capture_output=True)
version = subprocess.run([hx, "--version"], capture_output=True, text=True).stdout.strip()
print(version + (": " + ", ".join(told) if told else ""))
