//! What comes in, made fit for the codec.
//!
//! tower-lsp's codec ends the server at the first message that it cannot decode (tokio-util's framed
//! reader returns one error and then the end of the stream), knows header names in one spelling only,
//! and lets a frame grow as large as its sender likes. So a thread of ours reads the frames, and the
//! codec gets only those it can decode; for any other it gets a notification that makes the server
//! answer with an error.

use std::io::{BufRead, BufReader, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;
use tower_lsp::jsonrpc::Request;

/// Largest message in bytes; the largest file is smaller, also when every byte of it is escaped.
const MAX_FRAME: u64 = 128 << 20;
/// Longest header line in bytes.
const MAX_HEADER: u64 = 8 << 10;
/// How many messages wait for the server before reading pauses.
const WAITING: usize = 64;

/// The method of the notification that stands for a message that cannot be decoded.
pub(crate) const UNDECODABLE: &str = "$/den-lsp/undecodable";

/// A stream of good frames.
pub(crate) struct Inlet {
    frames: mpsc::Receiver<Vec<u8>>,
    current: Vec<u8>,
    at: usize,
    ends: Ends,
}

/// The end of the input: the client closed it, or said `exit`.
#[derive(Clone, Default)]
pub(crate) struct Ends {
    closed: Arc<AtomicBool>,
    seen: Arc<tokio::sync::Notify>,
}

impl Ends {
    /// Nothing more is to be read.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.seen.notify_one();
    }

    /// Waits for the end.
    pub(crate) async fn wait(&self) {
        self.seen.notified().await;
    }
}

impl Inlet {
    /// Reads `input` on a thread of its own.
    pub(crate) fn new(input: impl Read + Send + 'static, ends: Ends) -> std::io::Result<Inlet> {
        let (send, frames) = mpsc::channel(WAITING);
        let pump = move || {
            let mut input = BufReader::with_capacity(64 << 10, input);
            while let Some(body) = read_frame(&mut input) {
                if send.blocking_send(frame(&body)).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("input".into()).spawn(pump)?;
        Ok(Inlet { frames, current: Vec::new(), at: 0, ends })
    }
}

impl AsyncRead for Inlet {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if self.at == self.current.len() {
            if self.ends.closed.load(Ordering::SeqCst) {
                return Poll::Ready(Ok(()));
            }
            match self.frames.poll_recv(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {
                    self.ends.close();
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Some(frame)) => {
                    self.current = frame;
                    self.at = 0;
                }
            }
        }
        let rest = &self.current[self.at..];
        let taken = rest.len().min(out.remaining());
        out.put_slice(&rest[..taken]);
        self.at += taken;
        Poll::Ready(Ok(()))
    }
}

/// The next body, or nothing at the end of the input. Garbage before a header is skipped.
fn read_frame(input: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length: Option<u64> = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_ascii();
        match (line.is_empty(), length) {
            (true, Some(length)) => return read_body(input, length),
            // A blank line without a length before it ends nothing.
            (true, None) => (),
            (false, _) => length = content_length(line).or(length),
        }
    }
}

/// The number in `Content-Length: n`, in any case and wherever in the line it begins: what stands before
/// it is garbage of somebody who printed to standard output.
fn content_length(line: &[u8]) -> Option<u64> {
    let line = String::from_utf8_lossy(line).to_ascii_lowercase();
    line[line.find("content-length:")?..].split(':').nth(1)?.trim().parse().ok()
}

fn read_body(input: &mut impl BufRead, length: u64) -> Option<Vec<u8>> {
    if length > MAX_FRAME {
        let skipped = std::io::copy(&mut input.by_ref().take(length), &mut std::io::sink()).ok()?;
        tracing::error!("skipped a message of {length} bytes");
        return (skipped == length).then(Vec::new);
    }
    let mut body = Vec::new();
    input.by_ref().take(length).read_to_end(&mut body).ok()?;
    (body.len() as u64 == length).then_some(body)
}

/// A body as the codec wants it.
fn frame(body: &[u8]) -> Vec<u8> {
    let fits = |body: &[u8]| serde_json::from_slice::<Request>(body).is_ok();
    if fits(body) {
        return encode(body);
    }
    let mended = without_lone_surrogates(body);
    if fits(&mended) {
        return encode(&mended);
    }
    // A message that is JSON but no message of the protocol may still say whom to answer.
    let value: Option<Value> = serde_json::from_slice(body).ok();
    let id = value.as_ref().map(|it| it["id"].clone()).filter(|it| it.is_string() || it.is_i64());
    let params = json!({ "json": value.is_some(), "id": id });
    let stand_in = json!({ "jsonrpc": "2.0", "method": UNDECODABLE, "params": params });
    encode(stand_in.to_string().as_bytes())
}

fn encode(body: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    frame
}

/// JavaScript clients send half a surrogate pair when half an emoji was typed or deleted. No text can
/// hold it, so it becomes the replacement character, which counts one unit as well.
fn without_lone_surrogates(body: &[u8]) -> Vec<u8> {
    let mut out = body.to_vec();
    let unit = |out: &[u8], at: usize| {
        let escape = out.get(at..at + 6).filter(|it| it.starts_with(b"\\u"))?;
        u16::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
    };
    let mut at = 0;
    while at < out.len() {
        let step = match (out[at], unit(&out, at)) {
            (b'\\', Some(0xd800..0xdc00)) if matches!(unit(&out, at + 6), Some(0xdc00..0xe000)) => 12,
            (b'\\', Some(0xd800..0xe000)) => {
                out[at + 2..at + 6].copy_from_slice(b"fffd");
                6
            }
            (b'\\', _) => 2,
            _ => 1,
        };
        at += step;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(mut input: &[u8]) -> Vec<String> {
        std::iter::from_fn(|| read_frame(&mut input)).map(|it| String::from_utf8(frame(&it)).unwrap()).collect()
    }

    #[track_caller]
    fn check(input: &str, want: &[&str]) {
        let bodies: Vec<String> =
            frames(input.as_bytes()).iter().map(|it| it.split_once("\r\n\r\n").unwrap().1.to_owned()).collect();
        assert_eq!(bodies, want);
    }

    const GOOD: &str = r#"{"jsonrpc":"2.0","method":"x"}"#;

    #[test]
    fn headers_of_all_shapes() {
        let len = GOOD.len();
        check(&format!("Content-Length: {len}\r\n\r\n{GOOD}"), &[GOOD]);
        check(&format!("content-length:{len}\n\n{GOOD}"), &[GOOD]);
        check(&format!("Content-Type: text/x\r\nContent-Length: {len}\r\nA: b\r\nC: d\r\n\r\n{GOOD}"), &[GOOD]);
        check(&format!("garbage\r\n\r\nwarning: xContent-Length: {len}\r\n\r\n{GOOD}"), &[GOOD]);
        check(&format!("Content-Length: {len}\r\n\r\n{GOOD}Content-Length: {len}\r\n\r\n{GOOD}"), &[GOOD, GOOD]);
        check(&format!("Content-Length: {len}\r\n\r\n{{\"half"), &[]);
        check("Content-Length: 99999999999999999999\r\n\r\n", &[]);
    }

    #[test]
    fn bad_bodies_become_a_notification() {
        let stand_in = |params: &str| format!(r#"{{"jsonrpc":"2.0","method":"{UNDECODABLE}","params":{params}}}"#);
        let check = |body: &str, params: &str| {
            check(&format!("Content-Length: {}\r\n\r\n{body}", body.len()), &[&stand_in(params)]);
        };
        check("{", r#"{"id":null,"json":false}"#);
        check("[]", r#"{"id":null,"json":true}"#);
        check(r#"{"jsonrpc":"1.0","id":7,"method":"x"}"#, r#"{"id":7,"json":true}"#);
        check(
            &format!(r#"{{"jsonrpc":"2.0","method":"x","params":{}1{}}}"#, "[".repeat(200), "]".repeat(200)),
            r#"{"id":null,"json":false}"#,
        );
        check("", r#"{"id":null,"json":false}"#);
    }

    #[test]
    fn half_a_surrogate_pair() {
        let body = r#"{"jsonrpc":"2.0","method":"x","params":["\ud83d","\ud83d\ude00","\\ud83d","\ude00x"]}"#;
        let want = r#"{"jsonrpc":"2.0","method":"x","params":["\ufffd","\ud83d\ude00","\\ud83d","\ufffdx"]}"#;
        check(&format!("Content-Length: {}\r\n\r\n{body}", body.len()), &[want]);
    }
}
