//! The kinds of errors, each with its exit status; docs/reference/harness.md describes them.

use std::error::Error;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Fault = 1,
    Settings = 2,
    Rendezvous = 3,
    Address = 4,
    Dial = 5,
    PeerId = 6,
    Ping = 7,
    Time = 8,
    Host = 9,
    Interrupted = 130,
    Terminated = 143,
}

/// An error with an exit status and one printable line: the source, the expected state, and the state found.
#[derive(Debug)]
pub struct Failure {
    pub status: Status,
    line: String,
}

impl Failure {
    pub fn new(status: Status, line: impl AsRef<str>) -> Self {
        let words: Vec<_> = line.as_ref().split_whitespace().collect(); // the text may come in part from the other node
        let printable = |sign: char| if sign.is_control() { '\u{fffd}' } else { sign };
        let line = words.join(" ").chars().take(1_000).map(printable).collect();
        Self { status, line }
    }

    /// Return the same failure with the fact `more` at the end of its line.
    pub fn and(self, more: &str) -> Self {
        Self::new(self.status, format!("{}; {more}", self.line))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        into.write_str(&self.line)
    }
}

/// Return the texts of an error and of its causes, without repetitions. Some errors of the library
/// have a cause that only their debug text shows.
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        next = error.source();
        let hidden = format!("{error:?}");
        let texts = [error.to_string(), if next.is_none() && hidden.contains('(') { hidden } else { String::new() }];
        for text in texts {
            if !said.iter().any(|above| above.contains(&text)) {
                said.push(text);
            }
        }
    }
    said.retain(|text| !text.is_empty());
    said.join(": ")
}

/// Return a value as an error message shows it: quoted, printable, and cut to 60 characters.
pub fn shown(value: &str) -> String {
    let short: String = value.chars().take(60).collect();
    format!("{short:?}{}", if short.len() < value.len() { "…" } else { "" })
}
