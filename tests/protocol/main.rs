//! The binary, spoken to as an editor would.

mod command_line;
mod configuration;
mod diagnostics;
mod documents;
mod findings;
mod framing;
mod lifecycle;
mod load;
mod workspace;

use den_tests::{Client, Options, Workspace};
use serde_json::Value;

/// A server on a workspace with one file, `a.nix`, that is open with `text`. The last part is its address.
fn opened(text: &str, capabilities: Value) -> (Workspace, Client, String) {
    let workspace = Workspace::new(&[("a.nix", "{ }"), ("flake.nix", "{ }")]);
    let mut client = Client::start(&workspace, &Options { capabilities, ..Options::default() });
    let uri = workspace.uri("a.nix");
    client.open(&uri, text);
    (workspace, client, uri)
}
