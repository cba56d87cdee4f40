//! One running server and everything it said.

use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{PATIENCE, Workspace, binary};

/// How the client introduces itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// `capabilities` of `initialize`; `den/status` is asked for besides.
    pub capabilities: Value,
    /// `initializationOptions`.
    pub settings: Value,
    /// What `workspace/configuration` is answered with.
    pub configuration: Value,
    /// Whether a folder is named.
    pub folder: bool,
    /// `processId`.
    pub parent: Option<u32>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            capabilities: json!({}),
            settings: Value::Null,
            configuration: Value::Null,
            folder: true,
            parent: None,
        }
    }
}

/// A running server. It is killed when the test ends.
pub struct Client {
    process: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Messages that nobody asked for yet, in order.
    unread: Vec<Value>,
    configuration: Value,
    next_id: i64,
}

/// A message with its header.
pub fn frame(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

impl Client {
    /// Starts a server and says nothing.
    pub fn spawn() -> Client {
        let mut command = Command::new(binary());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the binary starts");
        let input = process.stdin.take();
        let output = process.stdout.take().expect("it is piped");
        let (send, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Client { process, input, messages, unread: Vec::new(), configuration: Value::Null, next_id: 0 }
    }

    /// Starts a server on a workspace and shakes hands.
    pub fn start(workspace: &Workspace, options: &Options) -> Client {
        let mut client = Client::spawn();
        client.configuration = options.configuration.clone();
        let answer = client.request("initialize", initialize_params(workspace, options));
        assert!(answer["result"]["capabilities"].is_object(), "{answer}");
        client.notify("initialized", json!({}));
        client
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server reads");
    }

    /// Sends a message.
    pub fn send(&mut self, message: &Value) {
        self.send_bytes(&frame(message));
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and returns its number.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Sends a request and waits for the answer, the whole message.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// Waits for the answer to a request.
    pub fn answer(&mut self, id: i64) -> Value {
        self.wait(&format!("the answer to {id}"), |it| it["id"] == id && it["method"].is_null())
    }

    /// Waits for a notification or a request of the server.
    pub fn wait_for(&mut self, method: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.wait(method, |it| it["method"] == method && fits(&it["params"]))
    }

    /// Waits for an answer that is an error.
    pub fn wait_for_error(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        self.wait("an error", |it| it["error"].is_object() && fits(it))
    }

    /// Waits until the server has seen everything and says that there are this many Nix files.
    pub fn wait_for_files(&mut self, count: usize) {
        self.wait_for("den/status", |it| it["files"] == count && it["quiescent"] == true);
    }

    fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(index) = self.unread.iter().position(&fits) {
                return self.unread.remove(index);
            }
            match self.messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => panic!("{what} never came; unread: {:#?}", self.unread),
                Err(RecvTimeoutError::Disconnected) => panic!("the server ended before {what} came"),
            }
        }
    }

    /// Takes a message in, and answers it if it is a request, as an obliging client would.
    fn take(&mut self, message: Value) {
        if message["method"].is_string() && !message["id"].is_null() {
            let result = match message["method"].as_str() {
                Some("workspace/configuration") => json!([self.configuration]),
                _ => Value::Null,
            };
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
        }
        self.unread.push(message);
    }

    /// Everything with this method that came until now and was not waited for. A request is made first, so
    /// that whatever the server had to say about earlier messages is there.
    pub fn said(&mut self, method: &str) -> Vec<Value> {
        self.settle();
        let (said, rest) = std::mem::take(&mut self.unread).into_iter().partition(|it| it["method"] == method);
        self.unread = rest;
        said
    }

    /// Makes a request that passes through the whole server.
    pub fn settle(&mut self) {
        let answer = self.request("workspace/symbol", json!({ "query": "" }));
        assert!(answer["error"].is_null(), "{answer}");
    }

    /// Opens a document with version 0.
    pub fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "nix", "version": 0, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces a range: start line and column, end line and column.
    pub fn edit(&mut self, uri: &str, version: i32, range: [u32; 4], text: &str) {
        let message = edit(uri, version, range, text);
        self.send(&message);
    }

    /// Holds the server's text of a document against `text`: the server tells when a saved text is news.
    #[track_caller]
    pub fn check_text(&mut self, uri: &str, text: &str) {
        // What was told about earlier messages is no answer to this one.
        self.said("window/logMessage");
        self.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri }, "text": text }));
        let news: Vec<Value> = self.said("window/logMessage");
        let differs = news.iter().any(|it| it["params"]["message"].as_str().unwrap_or("").contains("took over"));
        assert!(!differs, "the server had another text of {uri} than {text:?}");
    }

    /// Closes the server's input.
    pub fn close_input(&mut self) {
        self.input = None;
    }

    /// Stops to read what the server says, for good.
    pub fn stop_reading(&mut self) {
        let (_, nothing) = channel();
        self.messages = nothing;
    }

    /// Says `shutdown` and `exit`, and expects the exit code 0.
    #[track_caller]
    pub fn end(mut self) {
        let answer = self.request("shutdown", Value::Null);
        assert!(answer["error"].is_null(), "{answer}");
        self.notify("exit", Value::Null);
        assert_eq!(self.exit_code(), Some(0));
    }

    /// Waits for the end of the process.
    #[track_caller]
    pub fn exit_code(&mut self) -> Option<i32> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.status() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server did not end");
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().expect("the process is ours")
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.status().is_none()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A `didChange` with one edit.
fn edit(uri: &str, version: i32, range: [u32; 4], text: &str) -> Value {
    let [line, column, end_line, end_column] = range;
    let start = json!({ "line": line, "character": column });
    let end = json!({ "line": end_line, "character": end_column });
    let change = json!({ "range": { "start": start, "end": end }, "text": text });
    let params = json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [change] });
    json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params })
}

fn initialize_params(workspace: &Workspace, options: &Options) -> Value {
    let mut capabilities = options.capabilities.clone();
    capabilities["experimental"] = json!({ "denStatus": true });
    let folder = json!({ "uri": workspace.uri(""), "name": "workspace" });
    json!({
        "processId": options.parent,
        "capabilities": capabilities,
        "initializationOptions": options.settings,
        "rootUri": null,
        "workspaceFolders": options.folder.then(|| json!([folder])),
    })
}

fn read(output: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok(),
            Some(_) => (),
            None => break,
        }
    }
    let mut body = vec![0; length?];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
