//! The thread that looks at the disk, so that the owner never waits for it.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use den_ide::Name;

use super::event::Event;
use crate::crash;
use crate::workspace::{Disk, Limits, Watcher};

/// How long events of the disk are collected before it is looked at: a `git checkout` makes hundreds.
const QUIET: Duration = Duration::from_millis(50);
/// How long at most; something may write all the time.
const PATIENCE: Duration = Duration::from_secs(1);

/// The owner's end.
pub(crate) struct Loader(Sender<Command>);

enum Command {
    /// These are the workspace's folders now.
    Roots(Vec<Name>),
    /// Something may have changed; these files certainly did.
    Look(BTreeSet<Name>),
    /// Watch the folders ourselves, or stop to.
    Watch(bool),
}

impl Loader {
    /// Starts the thread. What it finds comes as events.
    pub(crate) fn start(events: Sender<Event>) -> std::io::Result<Loader> {
        let (commands, received) = channel();
        let thread = std::thread::Builder::new().name("loader".into());
        let worker = Worker { disk: Disk::new(Vec::new(), Limits::default()), watcher: None, events };
        thread.spawn(move || worker.run(&received))?;
        Ok(Loader(commands))
    }

    /// Loads other folders.
    pub(crate) fn set_roots(&self, roots: Vec<Name>) {
        let _ = self.0.send(Command::Roots(roots));
    }

    /// Looks at the disk again, at `changed` whatever their stamps say.
    pub(crate) fn look(&self, changed: BTreeSet<Name>) {
        let _ = self.0.send(Command::Look(changed));
    }

    /// Starts or stops our own watcher.
    pub(crate) fn watch(&self, on: bool) {
        let _ = self.0.send(Command::Watch(on));
    }
}

struct Worker {
    disk: Disk,
    watcher: Option<Watcher>,
    events: Sender<Event>,
}

impl Worker {
    fn run(mut self, commands: &Receiver<Command>) {
        while let Ok(command) = commands.recv() {
            let mut forced = BTreeSet::new();
            let mut urgent = self.take(command, &mut forced);
            let since = Instant::now();
            while since.elapsed() < PATIENCE
                && let Ok(command) = commands.recv_timeout(if urgent { Duration::ZERO } else { QUIET })
            {
                urgent |= self.take(command, &mut forced);
            }
            // A panic here would leave the server without eyes.
            let sweep = match crash::catch(|| self.disk.sweep(&forced)) {
                Ok(sweep) => sweep,
                Err(panic) => {
                    tracing::error!("looking at the disk panicked: {panic}");
                    continue;
                }
            };
            if let Some(watcher) = &mut self.watcher
                && let Some(problem) = watcher.set(&sweep.table.roots, &sweep.folders, &sweep.indexes)
            {
                tracing::warn!("some folders cannot be watched: {problem}");
            }
            if self.events.send(Event::Swept(Box::new(sweep))).is_err() {
                return;
            }
        }
    }

    /// Says whether somebody waits for the answer.
    fn take(&mut self, command: Command, forced: &mut BTreeSet<Name>) -> bool {
        match command {
            Command::Roots(roots) => {
                self.disk.set_roots(roots);
                true
            }
            Command::Look(files) => {
                forced.extend(files);
                false
            }
            Command::Watch(false) => {
                self.watcher = None;
                false
            }
            Command::Watch(true) => {
                let events = self.events.clone();
                match Watcher::new(move |paths| drop(events.send(Event::Disk(paths)))) {
                    Ok(watcher) => self.watcher = Some(watcher),
                    Err(problem) => tracing::warn!("files cannot be watched: {problem}"),
                }
                false
            }
        }
    }
}
