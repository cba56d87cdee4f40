// Starts the language server of Den beside whatever other server there is for Nix.
//
// Everything that is true about a fleet is in the server; here is only how to find and to show it.

import * as fs from "fs";
import * as path from "path";
import * as vscode from "vscode";
import {
  type ClientCapabilities,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  State,
  type StaticFeature,
} from "vscode-languageclient/node";

/** Parameters of the server's notification `den/status`. */
interface Status {
  health: "ok" | "warning" | "error";
  quiescent: boolean;
  files: number;
  message?: string;
}

const selector = [{ scheme: "file", language: "nix" }];

let client: LanguageClient | undefined;
let log: vscode.LogOutputChannel;
let item: vscode.LanguageStatusItem;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  log = vscode.window.createOutputChannel("Den", { log: true });
  item = vscode.languages.createLanguageStatusItem("den.status", selector);
  item.name = "Den";
  item.command = { command: "den.showLog", title: "Show Log" };
  context.subscriptions.push(
    log,
    item,
    vscode.commands.registerCommand("den.showLog", () => log.show()),
    vscode.commands.registerCommand("den.restartServer", () => restart(context)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("den.server")) {
        void restart(context);
      }
    }),
    // The trusted settings may name another program.
    vscode.workspace.onDidGrantWorkspaceTrust(() => restart(context)),
  );
  await start(context);
}

export async function deactivate(): Promise<void> {
  await stop();
}

let restarting: Promise<void> = Promise.resolve();

/** Stops the server and starts it again, with the settings as they are then; one restart after another. */
function restart(context: vscode.ExtensionContext): Promise<void> {
  restarting = restarting.then(async () => {
    await stop();
    await start(context);
  });
  return restarting;
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  try {
    await running?.dispose();
  } catch (error) {
    log.warn(`the server did not stop in order: ${String(error)}`);
  }
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  const command = findServer(context);
  if (command === undefined) {
    show("error", "den-lsp is not on the PATH; install it or set den.server.path");
    return;
  }
  const args = vscode.workspace.getConfiguration("den").get<string[]>("server.args", ["server"]);
  const server: ServerOptions = { command, args };
  const options: LanguageClientOptions = { documentSelector: selector, outputChannel: log };
  const created = new LanguageClient("den", "Den", server, options);
  created.registerFeature(new StatusFeature());
  created.onDidChangeState((event) => {
    if (event.newState === State.Stopped && client === created) {
      show("error", "the server ended");
    }
  });
  created.onNotification("den/status", (status: Status) => {
    const files = `${status.files} ${status.files === 1 ? "file" : "files"}`;
    show(status.health, status.message ?? files, !status.quiescent);
  });
  client = created;
  log.info(`starting ${command} ${args.join(" ")}`);
  try {
    await created.start();
  } catch (error) {
    show("error", `the server does not start: ${String(error)}`);
  }
}

/** The setting, the PATH, or what comes with the extension, in this order. */
function findServer(context: vscode.ExtensionContext): string | undefined {
  const chosen = vscode.workspace.getConfiguration("den").get<string>("server.path", "").trim();
  if (chosen !== "") {
    return chosen;
  }
  const name = process.platform === "win32" ? "den-lsp.exe" : "den-lsp";
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((it) => path.isAbsolute(it));
  const candidates = [...folders.map((it) => path.join(it, name)), context.asAbsolutePath(path.join("server", name))];
  return candidates.find((it) => fs.existsSync(it));
}

function show(health: Status["health"], text: string, busy = false): void {
  const severity = {
    ok: vscode.LanguageStatusSeverity.Information,
    warning: vscode.LanguageStatusSeverity.Warning,
    error: vscode.LanguageStatusSeverity.Error,
  };
  item.severity = severity[health];
  item.text = `Den: ${text}`;
  item.busy = busy;
  if (health === "error") {
    log.error(text);
  }
}

/** Tells the server that `den/status` is understood. */
class StatusFeature implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), denStatus: true };
  }
  initialize(): void {}
  getState(): { kind: "static" } {
    return { kind: "static" };
  }
  clear(): void {}
}
