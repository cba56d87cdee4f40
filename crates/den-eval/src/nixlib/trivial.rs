//! `lib/trivial.nix`

use crate::native;
use crate::native::NativeEntry;

pub(super) const TABLE: &[NativeEntry] = &[
    native!("lib.id", 1, |session, args| session.force(args[0])),
    native!("lib.const", 2, |session, args| session.force(args[0])),
];
