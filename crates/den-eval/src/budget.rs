//! How much one evaluation may use. Running out gives an unknown, never an error and never a hang.

/// Limits of one session.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Evaluation steps.
    pub steps: u64,
    /// Suspended computations alive at once.
    pub thunks: usize,
}

impl Budget {
    /// Bytes of strings, lists and sets together.
    pub(crate) fn bytes(&self) -> u64 {
        self.thunks as u64 * 64
    }

    /// For what one file says alone.
    pub const FILE: Budget = Budget { steps: 2_000_000, thunks: 4_000_000 };
    /// For everything about one host.
    pub const HOST: Budget = Budget { steps: 20_000_000, thunks: 20_000_000 };
    /// For an expression that somebody asked for on the command line.
    pub const COMMAND: Budget = Budget { steps: 50_000_000, thunks: 30_000_000 };
}

/// Function calls that may be open at once; Nix's `max-call-depth`.
pub const MAX_CALL_DEPTH: u32 = 10_000;
/// Suspended computations that may be open at once.
pub const MAX_FORCE_DEPTH: u32 = 60_000;
/// Elements of a list or set made by one operation.
pub const MAX_ELEMENTS: usize = 1_000_000;
/// Bytes of a string.
pub const MAX_STRING_BYTES: usize = 32 << 20;
/// Values in one frozen tree.
pub const MAX_FROZEN_NODES: usize = 200_000;
