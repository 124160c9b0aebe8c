use std::{fmt, str::FromStr};

/// One call to the dispatcher. The webhooks are A and B.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    /// Publishes one notification to A, or to A and B.
    Publish {
        both: bool,
        topic: usize,
    },
    /// Rejects one notification on behalf of A and B.
    Reject,
    Poll,
    Settle(Which, Answer),
    /// Says that the attempt that was settled last has succeeded.
    Stale,
    /// Lets the time pass until the next timer.
    Timeout,
    Pause,
    Resume,
    Remove,
    Insert,
    /// Gives A a policy that refuses what does not fit, and allows one attempt.
    Narrow,
    /// Gives A a window of two batches.
    Widen,
    Flush,
    Close,
    Abort,
}

/// Which of the attempts that are in flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Which {
    Oldest,
    Newest,
}

/// What comes of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    Success,
    Failure,
    /// A failure that asks for a pause of the webhook.
    RetryAfter,
    Abandoned,
}

use Answer::{Abandoned, Failure, RetryAfter, Success};
use Which::{Newest, Oldest};

/// All calls, and their names in a sequence.
pub(crate) const ALPHABET: [(&str, Call); 24] = [
    ("publish A", Call::Publish { both: false, topic: 0 }),
    ("publish AB", Call::Publish { both: true, topic: 0 }),
    ("publish A, topic 2", Call::Publish { both: false, topic: 1 }),
    ("publish AB, topic 2", Call::Publish { both: true, topic: 1 }),
    ("reject AB", Call::Reject),
    ("poll", Call::Poll),
    ("oldest succeeds", Call::Settle(Oldest, Success)),
    ("newest succeeds", Call::Settle(Newest, Success)),
    ("oldest fails", Call::Settle(Oldest, Failure)),
    ("newest fails", Call::Settle(Newest, Failure)),
    ("oldest asks for a pause", Call::Settle(Oldest, RetryAfter)),
    ("abandon oldest", Call::Settle(Oldest, Abandoned)),
    ("abandon newest", Call::Settle(Newest, Abandoned)),
    ("stale success", Call::Stale),
    ("timeout", Call::Timeout),
    ("pause A", Call::Pause),
    ("resume A", Call::Resume),
    ("remove A", Call::Remove),
    ("insert A", Call::Insert),
    ("update A: one attempt, reject newest", Call::Narrow),
    ("update A: window 2", Call::Widen),
    ("flush", Call::Flush),
    ("close", Call::Close),
    ("abort", Call::Abort),
];

impl Call {
    /// Whether the call leaves the dispatcher as it was, but for what it counts: what follows it
    /// is explored without it.
    pub(crate) fn changes_nothing(self) -> bool {
        matches!(self, Self::Reject | Self::Stale)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, _) = ALPHABET.iter().find(|(_, call)| call == self).ok_or(fmt::Error)?;
        f.write_str(name)
    }
}

/// A sequence of calls, by their places in the alphabet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Sequence {
    length: u8,
    places: [u8; Self::LONGEST],
}

impl Sequence {
    pub(crate) const LONGEST: usize = 15;

    /// This sequence, and then the call at `at` in the alphabet.
    pub(crate) fn and(mut self, at: usize) -> Self {
        self.places[usize::from(self.length)] = at as u8;
        self.length += 1;
        self
    }

    pub(crate) fn calls(&self) -> impl Iterator<Item = Call> {
        let places = &self.places[..usize::from(self.length)];
        places.iter().map(|at| ALPHABET[usize::from(*at)].1)
    }

    /// The last call, of a sequence that is not empty.
    pub(crate) fn last(&self) -> Call {
        ALPHABET[usize::from(self.places[usize::from(self.length) - 1])].1
    }
}

/// The names of the calls, with a bar between them.
impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, call) in self.calls().enumerate() {
            let bar = if at == 0 { "" } else { " | " };
            write!(f, "{bar}{call}")?;
        }
        Ok(())
    }
}

impl FromStr for Sequence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut sequence = Self::default();
        for name in text.split('|').map(str::trim) {
            let at = ALPHABET.iter().position(|(known, _)| *known == name);
            let at = at.ok_or_else(|| format!("there is no call {name:?}"))?;
            if usize::from(sequence.length) == Self::LONGEST {
                return Err(format!("more than {} calls", Self::LONGEST));
            }
            sequence = sequence.and(at);
        }
        Ok(sequence)
    }
}
