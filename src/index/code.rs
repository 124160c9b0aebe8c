use crate::{
    attribute::Values,
    filter::{intersects, tests_hold},
};

/// The tests that the index itself adds. In the code of a row, they come before the packed tests of
/// the program.
///
/// The first word of a prologue is negative, unlike the header of a packed test. It contains the
/// number of `dedup_keys` and a flag that is set if the two words of `presence` come between it and
/// the keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prologue<'a> {
    /// The attributes that must be present and those that must be missing. Attributes that the
    /// row's mask tests are left out.
    pub(super) presence: Option<[u64; 2]>,
    /// The sorted access keys, if the access is a list and there are several keys. If a preceding
    /// member of the list is one of them, that member has already found the entry, and this time
    /// the entry does not count.
    pub(super) dedup_keys: &'a [i64],
}

impl<'a> Prologue<'a> {
    /// The sign bit, which marks the first word of a prologue. It is never set in the header of a
    /// test.
    const FLAG: i64 = i64::MIN;
    /// The bit of the first word that is set if `presence` follows. The number of keys is far too
    /// small to reach this bit.
    const PRESENCE: i64 = 1 << 62;

    /// Returns the number of words in the prologue.
    pub(super) fn len(&self) -> usize {
        if self.is_empty() {
            0
        } else {
            1 + self.presence.map_or(0, |words| words.len()) + self.dedup_keys.len()
        }
    }

    /// Returns whether the prologue tests nothing. If so, it takes no words at all, not even the
    /// first.
    fn is_empty(&self) -> bool {
        self.presence.is_none() && self.dedup_keys.is_empty()
    }

    /// Appends the prologue to `code`, which must be empty.
    pub(super) fn pack(self, code: &mut Vec<i64>) {
        debug_assert!(code.is_empty(), "a prologue comes before all tests");
        if self.is_empty() {
            return;
        }
        let presence = if self.presence.is_some() { Self::PRESENCE } else { 0 };
        code.push(Self::FLAG | presence | self.dedup_keys.len() as i64);
        code.extend(self.presence.into_iter().flatten().map(u64::cast_signed));
        code.extend(self.dedup_keys);
    }

    /// Splits code into the prologue and the packed tests that follow it.
    #[inline]
    pub(super) fn split(code: &'a [i64]) -> (Self, &'a [i64]) {
        match code {
            [flags, rest @ ..] if *flags < 0 => Self::unpack(*flags, rest),
            tests => (Self::default(), tests),
        }
    }

    /// Splits code whose first word is `flags`. `rest` contains the words after it.
    #[inline]
    fn unpack(flags: i64, rest: &'a [i64]) -> (Self, &'a [i64]) {
        let (presence, rest) = match rest {
            [required, absent, rest @ ..] if flags & Self::PRESENCE != 0 => {
                (Some([required, absent].map(|words| words.cast_unsigned())), rest)
            }
            rest => (None, rest),
        };
        let len = flags & !(Self::FLAG | Self::PRESENCE);
        let (dedup_keys, tests) = rest.split_at(len as usize);
        (Self { presence, dedup_keys }, tests)
    }
}

/// Returns whether all tests in the code of a row hold. `preceding` contains the members of the
/// notification's list that come before the member that found the row.
#[inline]
pub(super) fn code_holds(code: &[i64], values: &Values, preceding: &[i64]) -> bool {
    let (Prologue { presence, dedup_keys }, tests) = Prologue::split(code);
    // Presence is tested first, because packed tests do not check whether their attributes are
    // present. Comparing two lists is the most expensive test, so it comes last.
    presence.is_none_or(|[required, absent]| values.present() & (required | absent) == required)
        && tests_hold(tests, values)
        && (preceding.is_empty() || !intersects(dedup_keys, preceding))
}
