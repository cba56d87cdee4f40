//! Numbers. Source: nix `primops.cc`, section "Integer arithmetic".

use den_code::BinaryOp;

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Thunk, Value};
use crate::{Eval, Stop};

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.add", 2, |session, args| binary(session, BinaryOp::Add, args)),
    native!("builtins.sub", 2, |session, args| binary(session, BinaryOp::Sub, args)),
    native!("builtins.mul", 2, |session, args| binary(session, BinaryOp::Mul, args)),
    native!("builtins.div", 2, |session, args| binary(session, BinaryOp::Div, args)),
    native!("builtins.bitAnd", 2, |session, args| {
        let left = session.int(args[0])?;
        Ok(Value::Int(left & session.int(args[1])?))
    }),
    native!("builtins.bitOr", 2, |session, args| {
        let left = session.int(args[0])?;
        Ok(Value::Int(left | session.int(args[1])?))
    }),
    native!("builtins.bitXor", 2, |session, args| {
        let left = session.int(args[0])?;
        Ok(Value::Int(left ^ session.int(args[1])?))
    }),
    native!("builtins.ceil", 1, |session, args| rounded(session, args[0], f64::ceil)),
    native!("builtins.floor", 1, |session, args| rounded(session, args[0], f64::floor)),
];

fn binary(session: &mut Session<'_>, op: BinaryOp, args: &[Thunk]) -> Eval<Value> {
    let left = session.value(args[0])?;
    let right = session.value(args[1])?;
    session.arithmetic(op, &left, &right)
}

/// An integer is made a float first and may lose digits there.
fn rounded(session: &mut Session<'_>, number: Thunk, round: fn(f64) -> f64) -> Eval<Value> {
    let number = match session.value(number)? {
        Value::Int(it) => it as f64,
        Value::Float(it) => it,
        other => return Err(session.expected("a float", &other)),
    };
    let result = round(number);
    // Beyond the range C++ promises nothing.
    if (-(2f64.powi(63))..2f64.powi(63)).contains(&result) {
        Ok(Value::Int(result as i64))
    } else {
        Err(Stop::unknown(Reason::Unsupported("a float outside the range of integers".into())))
    }
}
