//! A request for reading: what it computes, how it may be repeated, and who waits for the answer.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use den_ide::{Cancellable, Cancelled, Name};
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::{self, Error, ErrorCode};

use super::cancel::Cancel;
use super::snapshot::Snapshot;
use super::worker_pool::Lane;
use crate::crash;

/// How a method is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// For the log.
    pub(crate) method: &'static str,
    /// How soon.
    pub(crate) lane: Lane,
    /// Whether the question still makes sense after the text changed: then it is asked again, otherwise
    /// the client hears that the content was modified.
    pub(crate) repeats: bool,
    /// How long the client waits; then it gets an empty answer.
    pub(crate) deadline: Duration,
}

/// A request on its way to a worker.
pub(crate) struct Job {
    pub(crate) manner: Manner,
    /// The file it is about, for the quarantine.
    pub(crate) file: Option<Name>,
    pub(crate) cancel: Cancel,
    body: Box<dyn Body>,
    /// How often it met the panic of somebody else.
    met_panics: u8,
}

/// What became of a job.
pub(crate) enum Outcome {
    /// It was answered, or nobody waits any more.
    Done,
    /// It is to be run again on a newer snapshot.
    Again(Job),
    /// It panicked and was answered with an error.
    Panicked { file: Option<Name>, panic: String },
}

impl Job {
    /// A job that runs `answer` on a snapshot and sends what it says.
    pub(crate) fn new<P, T>(
        manner: Manner,
        file: Option<Name>,
        params: P,
        answer: fn(&Snapshot, &P) -> Cancellable<T>,
    ) -> (Job, oneshot::Receiver<jsonrpc::Result<T>>)
    where
        P: Send + 'static,
        T: Send + 'static,
    {
        let (reply, waiting) = oneshot::channel();
        let body = Box::new(Question { params, answer, found: None, reply: Some(reply) });
        (Job { manner, file, cancel: Cancel::default(), body, met_panics: 0 }, waiting)
    }

    /// Computes and answers. The snapshot is gone before anybody hears the answer, because the client's
    /// next message may be a change, and a change waits for snapshots.
    pub(crate) fn run(mut self, snapshot: Snapshot) -> Outcome {
        snapshot.attach();
        if self.cancel.is_cancelled() {
            return Outcome::Done;
        }
        let computed = crash::catch(|| Cancelled::catch(AssertUnwindSafe(|| self.body.compute(&snapshot))));
        drop(snapshot);
        let cancelled = match computed {
            Ok(Ok(Ok(()))) => {
                self.body.deliver(Ok(()));
                return Outcome::Done;
            }
            Ok(Ok(Err(cancelled)) | Err(cancelled)) => cancelled,
            Err(panic) => {
                self.body.deliver(Err(Error::internal_error()));
                return Outcome::Panicked { file: self.file, panic };
            }
        };
        if self.cancel.is_cancelled() {
            return Outcome::Done;
        }
        match cancelled {
            Cancelled::PendingWrite if self.manner.repeats => return Outcome::Again(self),
            Cancelled::PendingWrite => self.body.deliver(Err(content_modified())),
            // Another thread computed the same thing and was cancelled or panicked; on a fresh snapshot
            // this one meets the cause itself.
            Cancelled::PropagatedPanic if self.met_panics == 0 => {
                self.met_panics += 1;
                return Outcome::Again(self);
            }
            Cancelled::PropagatedPanic => self.body.deliver(Err(Error::internal_error())),
            _ => self.body.deliver(Err(Error::request_cancelled())),
        }
        Outcome::Done
    }
}

fn content_modified() -> Error {
    Error { code: ErrorCode::ContentModified, message: "the document changed".into(), data: None }
}

trait Body: Send {
    fn compute(&mut self, snapshot: &Snapshot) -> Cancellable<()>;
    fn deliver(&mut self, result: jsonrpc::Result<()>);
}

struct Question<P, T> {
    params: P,
    answer: fn(&Snapshot, &P) -> Cancellable<T>,
    found: Option<T>,
    reply: Option<oneshot::Sender<jsonrpc::Result<T>>>,
}

impl<P: Send, T: Send> Body for Question<P, T> {
    fn compute(&mut self, snapshot: &Snapshot) -> Cancellable<()> {
        self.found = Some((self.answer)(snapshot, &self.params)?);
        Ok(())
    }

    fn deliver(&mut self, result: jsonrpc::Result<()>) {
        let Some(reply) = self.reply.take() else { return };
        let answer = result.and_then(|()| self.found.take().ok_or_else(Error::internal_error));
        // Whoever went away does not want it.
        let _ = reply.send(answer);
    }
}
