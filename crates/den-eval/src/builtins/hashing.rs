//! Hashes. Source: nix `hash.cc` and `primops.cc`.

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use den_code::Name;
use sha2::Digest as _;

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::value::{Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

use super::lists::bad_argument;

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.hashString", 2, |session, args| {
        let algorithm = named_algorithm(session, args[0])?;
        let text = session.string(args[1])?;
        Ok(Value::str(HEXLOWER.encode(&algorithm.digest(text.as_bytes()))))
    }),
    native!("builtins.hashFile", 2, |session, args| {
        let algorithm = named_algorithm(session, args[0])?;
        let path = session.path(args[1])?;
        let text = super::paths::read(session, &path)?;
        Ok(Value::str(HEXLOWER.encode(&algorithm.digest(text.as_bytes()))))
    }),
    native!("builtins.convertHash", 1, |session, args| convert(session, args[0])),
    native!("builtins.placeholder", 1, |session, args| {
        let output = session.string(args[0])?;
        let digest = Algorithm::Sha256.digest(format!("nix-output:{output}").as_bytes());
        Ok(Value::str(format!("/{}", nix32(&digest))))
    }),
];

#[derive(Clone, Copy, PartialEq)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    const ALL: [Algorithm; 4] = [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

    fn parse(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|it| it.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }
    }

    /// Bytes of a hash.
    fn size(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
            Algorithm::Sha512 => 64,
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Algorithm::Md5 => md5::Md5::digest(bytes).to_vec(),
            Algorithm::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Algorithm::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Algorithm::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
        }
    }
}

fn named_algorithm(session: &mut Session<'_>, name: Thunk) -> Eval<Algorithm> {
    let name = session.string(name)?;
    Algorithm::parse(&name).ok_or_else(|| unknown_algorithm(&name))
}

fn bad_hash(message: String) -> Stop {
    Stop::error(ErrorKind::BadInput, message)
}

fn convert(session: &mut Session<'_>, argument: Thunk) -> Eval<Value> {
    let argument = session.attrs(argument)?;
    let hash = session.member(&argument, "hash")?;
    let hash = session.string(hash.thunk)?;
    let algorithm = match argument.get("hashAlgo") {
        Some(name) => {
            let name = session.string(name.thunk)?;
            let known = Algorithm::parse(&name);
            Some(known.ok_or_else(|| unknown_algorithm(&name))?)
        }
        None => argument.lacks("hashAlgo").map(|()| None)?,
    };
    let format = session.member(&argument, "toHashFormat")?;
    let format = session.string(format.thunk)?;
    if !["base16", "nix32", "base32", "base64", "sri"].contains(&format.as_str()) {
        let message = format!("unknown hash format '{format}', expect 'base16', 'base32', 'base64', or 'sri'");
        return Err(bad_argument(message));
    }
    let (algorithm, bytes) = parse_any(&hash, algorithm)?;
    Ok(Value::Str(Name::from(match format.as_str() {
        "base16" => HEXLOWER.encode(&bytes),
        "nix32" | "base32" => nix32(&bytes),
        "base64" => BASE64.encode(&bytes),
        _ => format!("{}-{}", algorithm.name(), BASE64.encode(&bytes)),
    })))
}

fn unknown_algorithm(name: &str) -> Stop {
    bad_argument(format!("unknown hash algorithm '{name}', expect 'md5', 'sha1', 'sha256', or 'sha512'"))
}

/// A hash in any notation, with its algorithm in front or given from outside.
fn parse_any(text: &str, given: Option<Algorithm>) -> Eval<(Algorithm, Vec<u8>)> {
    let prefixed = text.split_once(':').map(|it| (it, false)).or_else(|| text.split_once('-').map(|it| (it, true)));
    let (named, rest, sri) = match prefixed {
        Some(((name, rest), sri)) => (Some(Algorithm::parse(name).ok_or_else(|| unknown_algorithm(name))?), rest, sri),
        None => (None, text, false),
    };
    let algorithm = match (named, given) {
        (Some(named), Some(given)) if named != given => {
            return Err(bad_hash(format!("hash '{text}' should have type '{}'", given.name())));
        }
        (Some(algorithm), _) | (None, Some(algorithm)) => algorithm,
        (None, None) => {
            let message =
                format!("hash '{text}' does not include a type, nor is the type otherwise known from context");
            return Err(bad_hash(message));
        }
    };
    let size = algorithm.size();
    let bytes = if !sri && rest.len() == size * 2 {
        let hex = HEXLOWER_PERMISSIVE.decode(rest.as_bytes());
        hex.map_err(|_| bad_hash(format!("invalid base-16 hash '{rest}'")))?
    } else if !sri && rest.len() == nix32_length(size) {
        from_nix32(rest, size).ok_or_else(|| bad_hash(format!("invalid base-32 hash '{rest}'")))?
    } else if sri || rest.len() == size.div_ceil(3) * 4 {
        let decoded = BASE64.decode(rest.as_bytes()).ok().filter(|it| it.len() == size);
        let what = if sri { "SRI" } else { "base-64" };
        decoded.ok_or_else(|| bad_hash(format!("invalid {what} hash '{rest}'")))?
    } else {
        let name = algorithm.name();
        return Err(bad_hash(format!("hash '{rest}' has wrong length for hash algorithm '{name}'")));
    };
    Ok((algorithm, bytes))
}

/// Nix's digits: no `e`, `o`, `t` and `u`.
const NIX32: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

fn nix32_length(size: usize) -> usize {
    (size * 8 - 1) / 5 + 1
}

/// The bits of a hash in groups of five, the last group first.
fn nix32(bytes: &[u8]) -> String {
    let digit = |index: usize| {
        let (byte, shift) = (index * 5 / 8, index * 5 % 8);
        let low = u16::from(bytes[byte]);
        let high = bytes.get(byte + 1).copied().map_or(0, u16::from);
        char::from(NIX32[usize::from((low | high << 8) >> shift & 0x1f)])
    };
    (0..nix32_length(bytes.len())).rev().map(digit).collect()
}

fn from_nix32(text: &str, size: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0u8; size];
    for (index, c) in text.bytes().rev().enumerate() {
        let digit = NIX32.iter().position(|it| *it == c)? as u16;
        let (byte, shift) = (index * 5 / 8, index * 5 % 8);
        let bits = digit << shift;
        bytes[byte] |= (bits & 0xff) as u8;
        match bytes.get_mut(byte + 1) {
            Some(next) => *next |= (bits >> 8) as u8,
            None if bits >> 8 != 0 => return None,
            None => (),
        }
    }
    Some(bytes)
}
