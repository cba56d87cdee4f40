//! nixpkgs' `lib`, in Rust.
//!
//! One file per area, one table entry per function, named `lib.NAME` as users write it, with the
//! file of nixpkgs `lib` that it follows in the area's header. Laziness is the original's.

mod trivial;

use crate::native::NativeEntry;
use crate::session::Session;
use crate::value::{Thunk, Value};

/// Every table.
const TABLES: &[&[NativeEntry]] = &[trivial::TABLE];

impl Session<'_> {
    /// The value of `lib`.
    pub fn lib(&mut self) -> Thunk {
        if let Some(&thunk) = self.scratch.get("lib") {
            return thunk;
        }
        let value = self.native_set("lib", TABLES);
        let thunk = self.done(value);
        self.scratch.insert("lib", thunk);
        thunk
    }

    /// A function of `lib` by its full name, for functions that are written with others.
    pub fn lib_function(&mut self, name: &str) -> Option<Value> {
        self.native_member("lib", TABLES, name)
    }
}
