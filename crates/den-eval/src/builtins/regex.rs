//! `builtins.match` and `builtins.split`: POSIX extended regular expressions over bytes.
//!
//! Nix uses libstdc++'s `std::regex` in the C locale. What that accepts is read by `regex/posix.rs`
//! and searched by the `regex` crate, whose order of preference is the same: the first alternative
//! that leads to a match, repeating as often as possible. The one difference is a search (`split`)
//! with alternatives, where libstdc++ goes on to the longest match; see [`Pattern::longest`].

mod posix;

use std::rc::Rc;

use den_code::Name;
use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Element, List, Pos, Value};
use crate::{ErrorKind, Eval, Stop};
use posix::{Translated, translate};

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.match", 2, |session, args| {
        let text = session.string(args[0])?;
        let pattern = session.regex(&text)?;
        let subject = session.string(args[1])?;
        let Some(found) = pattern.whole.captures(subject.as_bytes()) else { return Ok(Value::Null) };
        groups(session, &found)
    }),
    native!("builtins.split", 2, |session, args| {
        let text = session.string(args[0])?;
        let pattern = session.regex(&text)?;
        let subject = session.string(args[1])?;
        split(session, &pattern, &subject)
    }),
];

/// A regular expression, ready for both uses.
pub(crate) struct Pattern {
    /// For a subject that must match from end to end.
    whole: Regex,
    /// For the first match anywhere.
    anywhere: Regex,
    /// The translated text.
    text: String,
    /// Set if the pattern has alternatives.
    longest: Option<Longest>,
}

/// How far a match can reach at most.
struct Longest {
    dfa: DFA,
    cache: std::cell::RefCell<Cache>,
    /// Whether libstdc++ is sure to find the longest match.
    exact: bool,
}

impl Session<'_> {
    /// A regular expression by its text; each is read once.
    pub(crate) fn regex(&mut self, text: &Name) -> Eval<Rc<Pattern>> {
        if let Some(known) = self.regexes.get(text) {
            return Ok(known.clone());
        }
        let invalid = || Stop::error(ErrorKind::BadInput, format!("invalid regular expression '{text}'"));
        let translated = match translate(text) {
            Ok(translated) => translated,
            Err(posix::Problem::Invalid) => return Err(invalid()),
            Err(posix::Problem::Unsupported) => {
                return Err(Stop::unknown(Reason::Unsupported("this regular expression".into())));
            }
        };
        let pattern =
            Rc::new(Pattern::new(translated).ok_or_else(|| Stop::unknown(Reason::Budget("a pattern's size")))?);
        self.regexes.insert(text.clone(), pattern.clone());
        Ok(pattern)
    }
}

impl Pattern {
    fn new(it: Translated) -> Option<Pattern> {
        let whole = compile(&format!("^(?:{})$", it.text))?;
        let anywhere = compile(&it.text)?;
        let longest = match it.alternatives {
            true => Some(Longest::new(&it.text, !it.repeats && !it.anchors)?),
            false => None,
        };
        Some(Pattern { whole, anywhere, text: it.text, longest })
    }

    /// The next match at or after an offset. libstdc++ tries all alternatives and keeps the longest
    /// match; but within a repetition it stops at the first one, so that the longest of all is
    /// certain only without repetitions, or where the first one is as long.
    fn search<'t>(&self, subject: &'t [u8], from: usize) -> Eval<Option<Captures<'t>>> {
        let Some(first) = self.anywhere.captures_at(subject, from) else { return Ok(None) };
        let Some(longest) = &self.longest else { return Ok(Some(first)) };
        let range = first.get(0).map_or(from..from, |it| it.range());
        let end = longest.end(subject, range.start).unwrap_or(range.end);
        if end == range.end {
            return Ok(Some(first));
        }
        let exactly = longest.exact.then(|| compile(&format!("(?:{})$", self.text))).flatten();
        match exactly.and_then(|it| it.captures_at(&subject[..end], range.start)) {
            Some(found) => Ok(Some(found)),
            None => Err(Stop::unknown(Reason::Unsupported("this regular expression".into()))),
        }
    }
}

impl Longest {
    fn new(text: &str, exact: bool) -> Option<Longest> {
        let dfa = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All))
            .syntax(syntax::Config::new().unicode(false).utf8(false).dot_matches_new_line(true))
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(SIZE_LIMIT)))
            .build(text)
            .ok()?;
        let cache = std::cell::RefCell::new(dfa.create_cache());
        Some(Longest { dfa, cache, exact })
    }

    /// Where the longest match that starts at an offset ends.
    fn end(&self, subject: &[u8], start: usize) -> Option<usize> {
        let input = Input::new(subject).range(start..).anchored(Anchored::Yes);
        let found = self.dfa.try_search_fwd(&mut self.cache.borrow_mut(), &input);
        found.ok().flatten().map(|it| it.offset())
    }
}

/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 4 << 20;

fn compile(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).unicode(false).dot_matches_new_line(true).size_limit(SIZE_LIMIT).build().ok()
}

/// A part of the subject as a value. Nix's strings are bytes; ours are text, and half a character
/// cannot be said in it.
fn piece(bytes: &[u8]) -> Eval<Value> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Value::str(text)),
        Err(_) => Err(Stop::unknown(Reason::Unsupported("a string that is not UTF-8".into()))),
    }
}

/// The groups of a match as a list, `null` for one that took no part.
fn groups(session: &mut Session<'_>, found: &Captures<'_>) -> Eval<Value> {
    let mut elements = Vec::with_capacity(found.len());
    for group in found.iter().skip(1) {
        let value = group.map_or(Ok(Value::Null), |it| piece(it.as_bytes()))?;
        elements.push(Element { thunk: session.done(value), pos: Pos::NONE, certain: true });
    }
    Ok(Value::List(Rc::new(List { elements, open: None })))
}

fn split(session: &mut Session<'_>, pattern: &Pattern, subject: &str) -> Eval<Value> {
    let bytes = subject.as_bytes();
    let mut elements = Vec::new();
    let mut push = |session: &mut Session<'_>, value: Value| {
        elements.push(Element { thunk: session.done(value), pos: Pos::NONE, certain: true });
    };
    let (mut from, mut behind) = (0, 0);
    while from <= bytes.len() {
        session.step()?;
        let Some(found) = pattern.search(bytes, from)? else { break };
        let range = found.get(0).map_or(from..from, |it| it.range());
        push(session, piece(&bytes[behind..range.start])?);
        let matched = groups(session, &found)?;
        push(session, matched);
        behind = range.end;
        // An empty match may not be found again.
        from = if range.is_empty() { range.end + 1 } else { range.end };
    }
    push(session, piece(&bytes[behind..])?);
    Ok(Value::List(Rc::new(List { elements, open: None })))
}
