//! The language server.
//!
//! ```text
//! stdin ─ inlet ─ tower-lsp's codec ─ ingress(tower-lsp's router) ─ handler: a job, then wait
//!                                             │ one ordered channel of events
//!                                             ▼
//!                           owner thread: documents, analysis; the only writer ── loader ── disk
//!                                             │ snapshots
//!                                             ▼
//!                           workers: compute, drop the snapshot, answer
//! ```
//!
//! The runtime has one thread and computes nothing. Whatever panics, one request fails and the server
//! lives; whatever the client does, the process ends within a second of its last word.

mod backend;
mod cancel;
mod client_side;
mod documents;
mod event;
mod ingress;
mod inlet;
mod job;
mod lifetime;
mod loader;
mod main_loop;
mod outgoing;
mod publish;
mod registration;
mod requests;
mod snapshot;
mod worker_pool;

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use tokio::io::AsyncWrite;
use tower_lsp::{LspService, Server};

use crate::crash;

pub(crate) use snapshot::Snapshot;

/// How long answers may take to get out after the client's last word.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// Serves on standard input and output until the client ends it. The exit code is 0 if the client said
/// `shutdown` first, 1 if it went away without a word.
pub(crate) fn run() -> ExitCode {
    log_to_standard_error();
    // What panics on this thread is either a handler, and told by the ingress, or tower-lsp when the
    // client went away.
    crash::keep_quiet();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let served = runtime.block_on(serve(std::io::stdin(), tokio::io::stdout()));
    match served {
        // Not a return: tokio would wait for a thread that still writes to somebody who does not read.
        Ok(is_shut_down) => std::process::exit(if is_shut_down { 0 } else { 1 }),
        Err(error) => failed(&error),
    }
}

/// Serves one client; says whether it said `shutdown`.
async fn serve(input: impl Read + Send + 'static, output: impl AsyncWrite) -> std::io::Result<bool> {
    let (events, received) = channel();
    let (outgoing, postman) = outgoing::Outgoing::new();
    let loader = loader::Loader::start(events.clone())?;
    let owner = main_loop::Owner::new(events.clone(), outgoing.clone(), loader);
    let thread = std::thread::Builder::new().name("owner".into()).stack_size(den_ide::BIG_STACK);
    thread.spawn(move || owner.run(&received))?;

    let ends = inlet::Ends::default();
    let shut_down = Arc::new(AtomicBool::new(false));
    let input = inlet::Inlet::new(input, ends.clone())?;
    let mut told = None;
    let (service, socket) = LspService::new(|client| {
        told = Some(client);
        backend::Backend::new(events.clone())
    });
    if let Some(client) = told {
        tokio::spawn(postman.run(client, events.clone()));
    }
    let service = ingress::Ingress::new(service, events, outgoing, ends.clone(), shut_down.clone());
    let serving = Server::new(input, output, socket).concurrency_level(usize::MAX).serve(service);
    let last_words = async {
        ends.wait().await;
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        // tower-lsp panics when nobody reads our output any more; that is an end like any other.
        _ = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(serving)) => (),
        () = last_words => (),
    }
    Ok(shut_down.load(Ordering::SeqCst))
}

/// The log goes to standard error; `DEN_LSP_LOG` is the least level that is told.
fn log_to_standard_error() {
    let level = std::env::var("DEN_LSP_LOG").ok().and_then(|it| it.parse().ok());
    let level = level.unwrap_or(tracing::level_filters::LevelFilter::WARN);
    // A second subscriber in one process is refused, which only tests meet.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .without_time()
        .try_init();
}

fn failed(error: &std::io::Error) -> ExitCode {
    tracing::error!("the server cannot start: {error}");
    ExitCode::from(2)
}
