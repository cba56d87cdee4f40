//! Deadlines, in a time that passes by itself: an owner that never answers.

use std::sync::mpsc::channel;

use super::*;

fn at_start() -> TextDocumentPositionParams {
    let uri = Url::parse("file:///a.nix").unwrap();
    TextDocumentPositionParams::new(TextDocumentIdentifier::new(uri), Position::new(0, 0))
}

fn hover() -> HoverParams {
    HoverParams {
        text_document_position_params: at_start(),
        work_done_progress_params: WorkDoneProgressParams::default(),
    }
}

fn document_diagnostics() -> DocumentDiagnosticParams {
    DocumentDiagnosticParams {
        text_document: at_start().text_document,
        identifier: None,
        previous_result_id: None,
        work_done_progress_params: WorkDoneProgressParams::default(),
        partial_result_params: PartialResultParams::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_an_empty_one() {
    let (events, held) = channel();
    let backend = Backend::new(events);
    assert_eq!(backend.hover(hover()).await, Ok(None));
    // The worker hears that nobody waits any more.
    let Ok(Event::Read(job)) = held.recv() else { panic!("the owner was not asked") };
    assert!(job.cancel.is_cancelled());
    let item = CompletionItem::new_simple("a".to_owned(), "b".to_owned());
    assert_eq!(backend.completion_resolve(item.clone()).await, Ok(item));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_pulls_is_told_to_ask_again() {
    let (events, _held) = channel();
    let error = Backend::new(events).diagnostic(document_diagnostics()).await.unwrap_err();
    assert_eq!((error.code.code(), error.data), (-32802, Some(json!({ "retriggerRequest": true }))));
}

#[tokio::test(start_paused = true)]
async fn without_an_owner_everything_is_an_error() {
    let (events, owner) = channel();
    drop(owner);
    assert_eq!(Backend::new(events).hover(hover()).await.unwrap_err().code.code(), -32603);
}
