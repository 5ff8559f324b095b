//! Exit codes, the same for every verb (contracts, "Exit codes").

use std::process::ExitCode;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing is wrong.
    Fine,
    /// A violation, or a failed expectation.
    Violated,
    /// The command line is wrong, or no source could be used.
    Usage,
    /// Something is undecided.
    Undecided,
}

impl Exit {
    /// A violation is said before a doubt.
    pub fn from_flags(violated: bool, undecided: bool) -> Exit {
        match (violated, undecided) {
            (true, _) => Exit::Violated,
            (false, true) => Exit::Undecided,
            (false, false) => Exit::Fine,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Violated => 1,
            Exit::Usage => 2,
            Exit::Undecided => 3,
        })
    }
}
