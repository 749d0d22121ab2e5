//! Exit codes: how the program says to a script what became of it.

use std::fmt;
use std::process::ExitCode;

/// How the program ends. The numbers are documented in `portcullis --help` and do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: something broke.
    Failed,
    /// 2: the command line or the configuration is wrong; nothing was done.
    Usage,
    /// 3: refused, or there is no such thing; nothing was changed.
    Refused,
    /// 4: the server (the running gateway, or a platform) does not answer, or is too busy.
    Unreachable,
    /// 5: nobody is signed in, or what was held is over: `portcullis login` helps.
    SignedOut,
    /// 6: there is a server, and it does not speak the contract that was asked for.
    Foreign,
    /// 7: the server's certificate is not trusted; nothing was sent to it.
    Untrusted,
}

impl Exit {
    /// All of them, with the words of the help text.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Done, "done"),
        (Self::Failed, "something broke"),
        (Self::Usage, "wrong command line or configuration"),
        (Self::Refused, "refused, or no such thing"),
        (Self::Unreachable, "server does not answer, or is too busy"),
        (Self::SignedOut, "not signed in, or it is over"),
        (Self::Foreign, "not the platform that was asked for"),
        (Self::Untrusted, "certificate not trusted"),
    ];

    /// Its number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Unreachable => 4,
            Self::SignedOut => 5,
            Self::Foreign => 6,
            Self::Untrusted => 7,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a command did not do what it was asked, and the exit code that says so.
pub struct Stop {
    /// How the program ends.
    pub exit: Exit,
    /// What to tell.
    pub error: anyhow::Error,
}

/// What a command returns.
pub type Outcome<T = ()> = Result<T, Stop>;

impl Stop {
    /// The command line or the configuration is wrong.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// A message and the code that goes with it.
    pub fn new(exit: Exit, message: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> Self {
        Self { exit, error: anyhow::Error::msg(message) }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self { exit: Exit::Failed, error: error.into() }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:#}", self.exit, self.error)
    }
}
