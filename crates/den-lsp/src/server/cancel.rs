//! Cancelling one request from outside.
//!
//! A client cancels, or a deadline passes: in both cases the handler's future is dropped, and with it a
//! [`CancelOnDrop`], which stops the worker that computes the answer. A cancellation never waits.

use std::sync::{Arc, Mutex, PoisonError};

use den_ide::CancellationToken;

/// The state of one request, shared between its handler and its worker.
#[derive(Clone, Default)]
pub(crate) struct Cancel(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    cancelled: bool,
    token: Option<CancellationToken>,
}

impl Cancel {
    /// Ties the request to the snapshot that computes it now.
    pub(crate) fn attach(&self, token: CancellationToken) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).token = Some(token);
    }

    /// Whether nobody wants the answer any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cancelled
    }

    fn cancel(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.cancelled = true;
        if let Some(token) = state.token.take() {
            token.cancel();
        }
    }
}

/// Cancels when it is dropped. After the answer came that does nothing.
pub(crate) struct CancelOnDrop(pub(crate) Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
