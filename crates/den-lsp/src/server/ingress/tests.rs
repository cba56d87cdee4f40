use std::collections::VecDeque;
use std::future::Future;
use std::sync::mpsc::{Receiver, channel};

use serde_json::json;

use super::*;

type Answer = BoxFuture<'static, Result<Option<Response>, std::convert::Infallible>>;

/// A router whose answers are given beforehand.
struct Router(VecDeque<Answer>);

impl Service<Request> for Router {
    type Response = Option<Response>;
    type Error = std::convert::Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        let id = request.id().cloned();
        let echo = async move { Ok(id.map(|id| Response::from_ok(id, Value::Null))) };
        self.0.pop_front().unwrap_or_else(|| echo.boxed())
    }
}

fn ingress(answers: Vec<Answer>) -> (Ingress<Router>, Receiver<Event>) {
    crate::crash::install();
    crate::crash::keep_quiet();
    let (events, received) = channel();
    let (outgoing, _postman) = Outgoing::new();
    (Ingress::new(Router(answers.into()), events, outgoing, Ends::default(), Arc::default()), received)
}

fn message(method: &'static str, id: Option<i64>, params: Value) -> Request {
    let builder = Request::build(method).params(params);
    match id {
        Some(id) => builder.id(id).finish(),
        None => builder.finish(),
    }
}

/// Polls once.
fn poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Poll<T> {
    future.poll_unpin(&mut Context::from_waker(Waker::noop()))
}

fn is_ready(ingress: &mut Ingress<Router>) -> bool {
    ingress.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn nothing_passes_while_initialize_is_answered() {
    let (release, wait) = futures::channel::oneshot::channel::<()>();
    let slow = async move {
        let _ = wait.await;
        Ok(Some(Response::from_ok(Id::Number(1), Value::Null)))
    };
    let (mut ingress, _events) = ingress(vec![slow.boxed()]);
    assert!(is_ready(&mut ingress));
    let mut answer = ingress.call(message("initialize", Some(1), json!({})));
    assert!(poll(&mut answer).is_pending());
    assert!(!is_ready(&mut ingress));
    release.send(()).unwrap();
    assert!(poll(&mut answer).is_ready());
    assert!(is_ready(&mut ingress));
}

#[test]
fn a_panic_in_a_handler_is_an_error_for_one_request() {
    let panics = async { panic!("a bug in a handler") };
    let (mut ingress, _events) = ingress(vec![panics.boxed()]);
    let Poll::Ready(Ok(Some(answer))) = poll(&mut ingress.call(message("textDocument/hover", Some(5), json!({}))))
    else {
        panic!("there is an answer")
    };
    assert_eq!((answer.id(), answer.error().map(|it| it.code.code())), (&Id::Number(5), Some(-32603)));
    assert!(is_ready(&mut ingress));
    assert!(matches!(poll(&mut ingress.call(message("initialize", Some(6), json!({})))), Poll::Ready(Ok(Some(_)))));
}

/// Events are sent at the first poll, which happens in order, and not when the future is made.
#[test]
fn events_are_sent_at_the_first_poll() {
    let (mut ingress, events) = ingress(Vec::new());
    let _ = poll(&mut ingress.call(message("initialize", Some(1), json!({}))));
    let mut told = ingress.call(message("initialized", None, json!({})));
    assert!(events.try_recv().is_err());
    let _ = poll(&mut told);
    assert!(matches!(events.try_recv(), Ok(Event::Initialized)));
}

#[test]
fn null_is_no_parameter_and_old_names_are_given() {
    let params =
        with_old_names(json!({ "capabilities": { "workspace": { "diagnostics": { "refreshSupport": true } } } }));
    assert_eq!(params["capabilities"]["workspace"]["diagnostic"]["refreshSupport"], true);
    assert_eq!(with_old_names(json!([7])), json!([7]));
}
