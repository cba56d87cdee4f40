//! Aspects that Den ships (`den.batteries`; also `den.provides` and `den._`).
//!
//! Source: den `modules/aspects/batteries`; texts are ours (den-model 4.9).

/// An aspect that Den ships.
#[derive(Debug)]
pub struct Battery {
    /// Its name below `den.batteries`.
    pub name: &'static str,
    /// What it has to be called with, as a snippet of Nix; `None` if it is included as it is.
    pub argument: Option<&'static str>,
    /// What it does, in a sentence or two.
    pub summary: &'static str,
    /// Where it belongs: `host`, `user`, `any`.
    pub scope: &'static str,
    /// Set if a newer form replaces it.
    pub deprecated: Option<&'static str>,
    /// Flake inputs it needs.
    pub inputs: &'static [&'static str],
}

const fn plain(name: &'static str, scope: &'static str, summary: &'static str) -> Battery {
    Battery { name, argument: None, summary, scope, deprecated: None, inputs: &[] }
}

const fn called(name: &'static str, argument: &'static str, scope: &'static str, summary: &'static str) -> Battery {
    Battery { name, argument: Some(argument), summary, scope, deprecated: None, inputs: &[] }
}

/// All batteries, in order of name.
pub const BATTERIES: &[Battery] = &[
    plain(
        "define-user",
        "any",
        "Creates the user's account on the OS (a normal user with its home folder) and sets the name and home folder in home-manager.",
    ),
    plain("flake-scope", "any", "Makes `lib`, `inputs` and `den` available as arguments of aspect functions."),
    called(
        "forward",
        "{ each = $1; fromClass = $2; intoClass = $3; intoPath = $4; }",
        "any",
        "Builds a class of your own by moving what aspects write for one class into a path of another.",
    ),
    plain(
        "host-aspects",
        "user",
        "Projects the home classes of everything the host includes onto the user that includes it.",
    ),
    plain("hostname", "host", "Sets the machine's host name from `host.hostName`."),
    called(
        "import-tree",
        "./${1:folder}",
        "any",
        "Imports the folders `_nixos`, `_darwin`, `_homeManager`, … below a folder as content of these classes.",
    ),
    plain("inputs'", "any", "Gives class modules the flake inputs for their system, as `inputs'`. Needs flake-parts."),
    called("insecure", "[ \"$1\" ]", "any", "Allows the named packages although they are marked insecure."),
    Battery {
        deprecated: Some("routing between hosts and users is built into Den"),
        ..plain("mutual-provider", "any", "Does nothing any more.")
    },
    called("pkgs", "[ \"$1\" ]", "any", "Installs packages by name."),
    plain(
        "primary-user",
        "user",
        "Makes the user the main one: administrator and network groups on NixOS, `system.primaryUser` on macOS, the default user in WSL.",
    ),
    plain("self'", "any", "Gives class modules this flake's outputs for their system, as `self'`. Needs flake-parts."),
    called("tty-autologin", "\"$1\"", "host", "Logs the named user in on the first console."),
    called("unfree", "[ \"$1\" ]", "any", "Allows the named packages although they are not free."),
    plain("user-aspects", "host", "Projects the OS classes of the users' aspects onto the host that includes it."),
    called(
        "user-shell",
        "\"${1|bash,zsh,fish|}\"",
        "user",
        "Enables a shell on the OS and in home-manager and makes it the user's login shell.",
    ),
    called("vm-autologin", "\"$1\"", "host", "Logs the named user in when the host runs as a virtual machine."),
];

/// The battery with this name.
pub fn battery(name: &str) -> Option<&'static Battery> {
    BATTERIES.iter().find(|it| it.name == name)
}

/// Names of all batteries, in order.
pub fn battery_names() -> impl Iterator<Item = &'static str> {
    BATTERIES.iter().map(|it| it.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batteries_are_in_order() {
        let names: Vec<&str> = battery_names().collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(names, sorted);
    }
}
