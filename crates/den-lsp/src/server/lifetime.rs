//! Ending with the editor.
//!
//! An editor that crashes closes our input, and that ends us. Where it does not (a wrapper keeps the
//! pipe open), the process id from `initialize` tells.

/// Ends this process when the process `parent` ends. Does nothing if there is no such process: then the
/// client lives in another container or on another machine, and its numbers mean nothing here.
pub(crate) fn end_with(parent: u32) {
    let Some(wait) = process_end(parent) else {
        tracing::warn!("the client's process {parent} is not to be seen from here");
        return;
    };
    let watch = move || {
        wait();
        std::process::exit(1);
    };
    if let Err(error) = std::thread::Builder::new().name("parent".into()).spawn(watch) {
        tracing::warn!("the client's process cannot be watched: {error}");
    }
}

type Wait = Box<dyn FnOnce() + Send>;

/// A function that returns when the process has ended.
#[cfg(unix)]
fn process_end(parent: u32) -> Option<Wait> {
    use rustix::process::{Pid, test_kill_process};
    let pid = Pid::from_raw(i32::try_from(parent).ok()?)?;
    let lives = move || test_kill_process(pid) != Err(rustix::io::Errno::SRCH);
    if !lives() {
        return None;
    }
    #[cfg(target_os = "linux")]
    if let Some(wait) = process_descriptor(pid) {
        return Some(wait);
    }
    Some(Box::new(move || {
        while lives() {
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
    }))
}

/// Waits without waking up, and sees also a process that ended but was not buried yet.
#[cfg(target_os = "linux")]
fn process_descriptor(pid: rustix::process::Pid) -> Option<Wait> {
    use rustix::event::{PollFd, PollFlags, poll};
    let process = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()?;
    Some(Box::new(move || {
        // Readable means ended. Interruptions are no news.
        while let Err(rustix::io::Errno::INTR) = poll(&mut [PollFd::new(&process, PollFlags::IN)], None) {}
    }))
}

/// On Windows the end of the input has to do.
#[cfg(not(unix))]
fn process_end(_parent: u32) -> Option<Wait> {
    None
}
