//! Sees every message in order, before tower-lsp does anything with it.
//!
//! tower-lsp routes requests and keeps their ids; everything that it gets wrong about the life of a
//! server is put right here:
//! - messages behind `initialize` wait until it was answered instead of vanishing;
//! - notifications are decoded here, so that one that does not decode is told loudly, and are handed to
//!   the owner by a future that does so at its first poll: first polls happen in order of arrival, those
//!   of requests too;
//! - `params: null` means no parameters;
//! - a panic in a handler is an error for one request, not the end of the process;
//! - a request that is not served is refused at once, whatever its parameters and even if its name begins
//!   with `$/`;
//! - `exit` ends the process although the client keeps the stream open.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use serde_json::Value;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};
use tower_service::Service;

use super::event::{Event, Notification};
use super::inlet::{Ends, UNDECODABLE};
use super::outgoing::Outgoing;

/// The requests that the router has a handler of ours for.
const SERVED: &[&str] = &[
    "initialize",
    "shutdown",
    "textDocument/hover",
    "textDocument/completion",
    "completionItem/resolve",
    "textDocument/definition",
    "textDocument/declaration",
    "textDocument/references",
    "textDocument/documentSymbol",
    "workspace/symbol",
    "textDocument/codeAction",
    "textDocument/diagnostic",
    "workspace/diagnostic",
];

/// The wrapper around tower-lsp's router.
pub(crate) struct Ingress<S> {
    inner: S,
    events: Sender<Event>,
    outgoing: Outgoing,
    gate: Arc<Mutex<Gate>>,
    ends: Ends,
    shut_down: Arc<AtomicBool>,
}

/// How far the handshake is.
#[derive(Default)]
struct Gate {
    phase: Phase,
    waiting: Option<Waker>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    New,
    Initializing,
    Ready,
}

impl<S> Ingress<S> {
    /// Wraps `inner`. `shut_down` becomes true when the client asked for the end.
    pub(crate) fn new(
        inner: S,
        events: Sender<Event>,
        outgoing: Outgoing,
        ends: Ends,
        shut_down: Arc<AtomicBool>,
    ) -> Ingress<S> {
        Ingress { inner, events, outgoing, gate: Arc::default(), ends, shut_down }
    }

    fn phase(&self) -> Phase {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).phase
    }

    /// Answers what is no business of the router's.
    fn answer_here(
        &self,
        method: &str,
        id: Option<&Id>,
        params: &mut Option<Value>,
    ) -> Option<BoxFuture<'static, Option<Response>>> {
        match (method, id) {
            ("exit", _) => {
                self.ends.close();
                Some(ready(None).boxed())
            }
            (UNDECODABLE, None) => Some(ready(Some(undecodable(params.take().unwrap_or_default()))).boxed()),
            (_, None) => {
                let decoded = Notification::decode(method, params)?;
                let event = self.notify(method, decoded);
                let events = self.events.clone();
                let tell = async move {
                    if let Some(event) = event {
                        // Without an owner the process is about to end.
                        let _ = events.send(event);
                    }
                    None
                };
                Some(tell.boxed())
            }
            (_, Some(id)) if self.phase() == Phase::Ready && !SERVED.contains(&method) => {
                Some(ready(Some(Response::from_error(id.clone(), Error::method_not_found()))).boxed())
            }
            _ => None,
        }
    }

    /// Takes a notification that the owner listens to.
    fn notify(&self, method: &str, decoded: Result<Notification, serde_json::Error>) -> Option<Event> {
        if self.phase() != Phase::Ready || self.shut_down.load(Ordering::SeqCst) {
            tracing::warn!("ignored `{method}` outside the session");
            return None;
        }
        match decoded {
            Ok(Notification::Initialized) => Some(Event::Initialized),
            Ok(notification) => Some(Event::Notification(notification)),
            Err(error) => {
                self.outgoing.log_error(format!("cannot decode the notification `{method}`: {error}"));
                None
            }
        }
    }
}

impl<S> Service<Request> for Ingress<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Option<Response>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if gate.phase == Phase::Initializing {
            gate.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        drop(gate);
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (method, id, params) = request.into_parts();
        let mut params = params.filter(|it| !it.is_null());
        if let Some(answer) = self.answer_here(&method, id.as_ref(), &mut params) {
            return answer.map(Ok).boxed();
        }
        let is_initialize = method == "initialize" && self.phase() == Phase::New;
        if is_initialize {
            self.gate.lock().unwrap_or_else(PoisonError::into_inner).phase = Phase::Initializing;
            params = params.map(with_old_names);
        }
        if method == "shutdown" && self.phase() == Phase::Ready {
            self.shut_down.store(true, Ordering::SeqCst);
        }
        let mut builder = Request::build(method.clone());
        if let Some(params) = params {
            builder = builder.params(params);
        }
        if let Some(id) = id.clone() {
            builder = builder.id(id);
        }
        let answer = AssertUnwindSafe(self.inner.call(builder.finish())).catch_unwind();
        let gate = self.gate.clone();
        async move {
            let answer = answer.await;
            if is_initialize {
                let is_ready = matches!(&answer, Ok(Ok(Some(response))) if response.is_ok());
                open(&gate, if is_ready { Phase::Ready } else { Phase::New });
            }
            answer.unwrap_or_else(|_| {
                tracing::error!("a handler of `{method}` panicked: {}", crate::crash::last());
                Ok(id.map(|id| Response::from_error(id, Error::internal_error())))
            })
        }
        .boxed()
    }
}

fn open(gate: &Mutex<Gate>, phase: Phase) {
    let mut gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
    gate.phase = phase;
    if let Some(waker) = gate.waiting.take() {
        waker.wake();
    }
}

/// The protocol's types that tower-lsp uses have one capability under a name that the protocol does not
/// have: `workspace.diagnostic`.
fn with_old_names(mut params: Value) -> Value {
    if let Some(workspace) = params.pointer_mut("/capabilities/workspace").and_then(Value::as_object_mut)
        && let Some(it) = workspace.get("diagnostics").cloned()
    {
        workspace.insert("diagnostic".to_owned(), it);
    }
    params
}

fn undecodable(params: Value) -> Response {
    tracing::error!("a message could not be decoded");
    let id = match (params["id"].as_i64(), params["id"].as_str()) {
        (Some(number), _) => Id::Number(number),
        (_, Some(text)) => Id::String(text.to_owned()),
        _ => Id::Null,
    };
    let code = if params["json"] == true { ErrorCode::InvalidRequest } else { ErrorCode::ParseError };
    let message = "the message could not be decoded".into();
    Response::from_error(id, Error { code, message, data: None })
}

#[cfg(test)]
mod tests;
