//! Panics: a bug of ours, kept inside the piece of work that met it and told in one line.
//!
//! Cancellation unwinds too, but not as a panic: the hook never sees it.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

thread_local! {
    /// How many [`catch`]es are around the running code of this thread.
    static CATCHING: Cell<u32> = const { Cell::new(0) };
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What to ask of somebody who met a bug.
pub(crate) const PLEA: &str = "this is a bug in den-lsp, please report it";

/// Makes panics tell their message and place in one line. Called once, first of all.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let line = describe(info);
        if CATCHING.get() > 0 {
            LAST.set(Some(line));
        } else {
            // The stream may be closed, and printing to it must not panic again.
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "den-lsp: internal error: {line}; {PLEA}");
        }
    }));
}

/// Keeps the hook silent on this thread from now on; somebody else catches, and asks for [`last`].
pub(crate) fn keep_quiet() {
    CATCHING.set(CATCHING.get() + 1);
}

/// The message and place of the last panic of this thread that was kept quiet.
pub(crate) fn last() -> String {
    LAST.take().unwrap_or_else(|| "unknown panic".to_owned())
}

/// Runs `work`; a panic becomes its message and place in one line.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    CATCHING.set(CATCHING.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(CATCHING.get() - 1);
    result.map_err(|_| last())
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = message(info.payload());
    let message = message.lines().next().unwrap_or_default();
    match info.location() {
        Some(at) => format!("{message} ({}:{}:{})", at.file(), at.line(), at.column()),
        None => message.to_owned(),
    }
}

fn message(payload: &dyn Any) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place() {
        install();
        let told = catch(|| panic!("first line\nsecond line")).unwrap_err();
        assert!(told.starts_with("first line ("), "{told}");
        assert!(told.contains("crash.rs:"), "{told}");
        assert_eq!(catch(|| 7), Ok(7));
    }
}
