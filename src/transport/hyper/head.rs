//! Finds the end of a response's head in the bytes that arrive, before hyper parses them.

use std::borrow::Cow;

/// The maximum number of bytes before the body: interim responses, status line and headers.
pub(super) const MAX_HEAD_BYTES: usize = 256 * 1024;

/// The maximum number of interim responses, such as `100 Continue`.
pub(super) const MAX_INTERIM: u32 = 64;

/// The maximum number of lines after the status line of a head.
pub(super) const MAX_LINES: u32 = 1000;

/// The number of lines after the status line that hyper gets in any case. It parses at most 100
/// headers without allocating for each response.
const PASSED_LINES: u32 = 90;

/// The headers that hyper gets even if many others come before them. Nothing else reads the others.
const PASSED_NAMES: [&[u8]; 7] = [
    b"connection",
    b"content-length",
    b"content-type",
    b"date",
    b"location",
    b"retry-after",
    b"transfer-encoding",
];

/// Scans the heads of one exchange: any number of interim heads, and the final head.
///
/// The bytes may arrive in pieces of any size. The scanner stores none of them.
#[derive(Debug)]
pub(super) struct HeadScanner {
    place: Place,
    /// The byte before the next one.
    last: u8,
    /// The status of the head that is being scanned. 0 until its first digit.
    status: u16,
    bytes: usize,
    /// The number of lines after the status line that began in this head.
    lines: u32,
    interim: u32,
    is_lenient: bool,
    surplus: Surplus,
}

/// What happens to the lines after [`PASSED_LINES`].
#[derive(Debug, Default)]
struct Surplus {
    /// The beginning of a line, until it is known what happens to the line.
    name: Vec<u8>,
    is_undecided: bool,
    /// Whether the line is dropped.
    is_dropped: bool,
}

/// Where the next byte belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the status line, after this many spaces.
    StatusLine {
        spaces: u8,
    },
    /// In the status line, after the status.
    Reason,
    /// At the first byte of a line after the status line.
    LineStart,
    /// After a line's first byte, which was a carriage return.
    EmptyLine,
    Name,
    /// In a value, or in the rest of a line that is not a header.
    Value,
    /// After the final head.
    Body,
}

/// A response that is refused before its head is complete.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum HeadError {
    #[error("the head of the response exceeds {MAX_HEAD_BYTES} bytes")]
    Bytes,
    #[error("the head of the response exceeds {MAX_LINES} lines")]
    Lines,
    #[error("the receiver sent more than {MAX_INTERIM} interim responses")]
    Interim,
}

impl HeadScanner {
    pub(super) fn new() -> Self {
        Self {
            place: Place::StatusLine { spaces: 0 },
            last: 0,
            status: 0,
            bytes: 0,
            lines: 0,
            interim: 0,
            is_lenient: false,
            surplus: Surplus::default(),
        }
    }

    /// Returns whether the final head is complete.
    pub(super) fn is_complete(&self) -> bool {
        self.place == Place::Body
    }

    /// Returns whether a head so far is one that only lenient clients accept. It is then not
    /// certain where the receiver believes the head to end.
    pub(super) fn is_lenient(&self) -> bool {
        self.is_lenient
    }

    /// Returns the status of the head that is being scanned, if it has been read.
    pub(super) fn status(&self) -> Option<u16> {
        (100..=999).contains(&self.status).then_some(self.status)
    }

    /// Scans the next bytes. Returns the bytes that are passed on: these, except for parts of a head
    /// with very many headers.
    pub(super) fn scan<'a>(&mut self, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, HeadError> {
        let (mut at, mut passed) = (0, None);
        while at < bytes.len() && !self.is_complete() {
            if self.lines < PASSED_LINES {
                at += self.scan_some(&bytes[at..]);
            } else {
                let passed = passed.get_or_insert_with(|| bytes[..at].to_vec());
                self.filter(bytes[at], passed);
                at += 1;
            }
            if self.bytes > MAX_HEAD_BYTES {
                return Err(HeadError::Bytes);
            }
            if self.lines > MAX_LINES {
                return Err(HeadError::Lines);
            }
            if self.interim > MAX_INTERIM {
                return Err(HeadError::Interim);
            }
        }
        Ok(match passed {
            None => Cow::Borrowed(bytes),
            Some(mut passed) => {
                passed.extend_from_slice(&bytes[at..]);
                Cow::Owned(passed)
            }
        })
    }

    /// Scans at least one byte. Returns the number of bytes scanned.
    fn scan_some(&mut self, bytes: &[u8]) -> usize {
        // Most bytes are in the middle of a status line, a name or a value.
        let skipped = match self.place {
            Place::StatusLine { spaces: 0 } if self.status == 0 => self.skip_to_reason(bytes),
            Place::Reason | Place::Value => length_until(bytes, |byte| byte == b'\n'),
            Place::Name => length_until(bytes, |byte| !IS_TOKEN[usize::from(byte)]),
            _ => 0,
        };
        if let Some(last) = skipped.checked_sub(1) {
            self.last = bytes[last];
            self.bytes += skipped;
        }
        match bytes.get(skipped) {
            Some(byte) => {
                self.step(*byte);
                skipped + 1
            }
            None => skipped,
        }
    }

    /// Reads the usual beginning of a response, if all of it has arrived. Returns its length.
    fn skip_to_reason(&mut self, bytes: &[u8]) -> usize {
        let [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', digits @ ..] = bytes
        else {
            return 0;
        };
        let [first @ b'1'..=b'9', second @ b'0'..=b'9', third @ b'0'..=b'9', b' ', ..] = digits
        else {
            return 0;
        };
        let [first, second, third] = [first, second, third].map(|digit| u16::from(digit - b'0'));
        self.status = first * 100 + second * 10 + third;
        self.place = Place::Reason;
        b"HTTP/1.1 200 ".len()
    }

    /// Scans a byte of a head with many headers, and passes it on if it belongs to one that is
    /// needed.
    fn filter(&mut self, byte: u8, passed: &mut Vec<u8>) {
        let place = self.place;
        self.step(byte);
        // Browsers accept so many headers, but some clients do not.
        self.is_lenient = true;
        let surplus = &mut self.surplus;
        if place == Place::LineStart {
            match byte {
                b'\r' | b'\n' => surplus.is_dropped = false,
                // A line that continues the one before it shares its fate.
                b' ' | b'\t' => {}
                _ => (surplus.is_undecided, surplus.is_dropped) = (true, false),
            }
        }
        if surplus.is_undecided {
            let is_end = byte == b':' || byte == b'\n' || surplus.name.len() > MAX_NAME;
            if is_end {
                let name = surplus.name.trim_ascii_end();
                let is_passed = PASSED_NAMES.iter().any(|one| one.eq_ignore_ascii_case(name));
                surplus.is_undecided = false;
                surplus.is_dropped = !is_passed;
                if is_passed {
                    passed.extend_from_slice(&surplus.name);
                }
                surplus.name.clear();
            } else {
                surplus.name.push(byte);
                return;
            }
        }
        if !surplus.is_dropped {
            passed.push(byte);
        }
    }

    /// Scans a byte.
    fn step(&mut self, byte: u8) {
        self.bytes += 1;
        if self.place == Place::LineStart {
            self.lines += 1;
        }
        let place = match (self.place, byte) {
            (Place::StatusLine { .. }, b'\n') if self.status == 0 => {
                // Empty lines before the status line are skipped.
                self.is_lenient = true;
                Place::StatusLine { spaces: 0 }
            }
            (Place::StatusLine { .. } | Place::Reason | Place::Value | Place::Name, b'\n') => {
                // A line must end with both characters, and a header must have a colon.
                self.is_lenient |= self.last != b'\r' || self.place == Place::Name;
                Place::LineStart
            }
            (Place::StatusLine { spaces }, b' ') => {
                Place::StatusLine { spaces: spaces.saturating_add(1) }
            }
            (Place::StatusLine { spaces: 1 }, b'0'..=b'9') => {
                let digit = u16::from(byte - b'0');
                self.status = self.status.saturating_mul(10).saturating_add(digit);
                self.place
            }
            (Place::LineStart, b'\r') => Place::EmptyLine,
            (Place::LineStart, b'\n') => {
                self.is_lenient = true;
                self.end()
            }
            (Place::EmptyLine, b'\n') => self.end(),
            (Place::Name, b':') => Place::Value,
            (Place::LineStart | Place::Name, _) if IS_TOKEN[usize::from(byte)] => Place::Name,
            (Place::LineStart | Place::Name | Place::EmptyLine, _) => {
                self.is_lenient = true;
                Place::Value
            }
            (place, _) => place,
        };
        (self.place, self.last) = (place, byte);
    }

    /// Ends a head. Returns the place of the next byte.
    fn end(&mut self) -> Place {
        // 101 is final, because the receiver stops speaking HTTP after it.
        if (100..200).contains(&self.status) && self.status != 101 {
            self.interim += 1;
            (self.status, self.lines) = (0, 0);
            return Place::StatusLine { spaces: 0 };
        }
        Place::Body
    }
}

/// The maximum length of a name in [`PASSED_NAMES`], with some space before the colon.
const MAX_NAME: usize = 32;

/// The maximum number of bytes that [`HeadScanner::scan`] passes on with later bytes.
pub(super) const MAX_HELD_BYTES: usize = MAX_NAME + 1;

/// Whether a header name may contain each byte (RFC 9110, section 5.6.2).
const IS_TOKEN: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let (others, mut at) = (b"!#$%&'*+-.^_`|~", 0);
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
};

/// Returns the number of bytes before the first one that is an end.
fn length_until(bytes: &[u8], is_end: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| is_end(*byte)).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans a head in pieces of `size` bytes.
    fn scan(head: &[u8], size: usize) -> Result<HeadScanner, HeadError> {
        let mut scanner = HeadScanner::new();
        head.chunks(size).try_for_each(|piece| scanner.scan(piece).map(drop))?;
        Ok(scanner)
    }

    #[test]
    fn heads_end_where_they_end_however_they_arrive() {
        for (head, is_complete, is_lenient, status) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true, false, Some(200)),
            ("HTTP/1.1 200 OK\r\na: b\r\nc:\r\n\r\nbody: x", true, false, Some(200)),
            ("HTTP/1.1 200\r\n\r\n", true, false, Some(200)),
            ("HTTP/1.1 200 OK\r\na: b\r\n", false, false, Some(200)),
            ("HTTP/1.1 100 Continue\r\n\r\n", false, false, None),
            ("HTTP/1.1 103 E\r\nlink: x\r\n\r\nHTTP/1.1 503 No\r\n\r\n", true, false, Some(503)),
            ("HTTP/1.1 101 Switching\r\n\r\n", true, false, Some(101)),
            // What only lenient clients accept.
            ("HTTP/1.1 200 OK\n\n", true, true, Some(200)),
            ("HTTP/1.1 200 OK\r\na : b\r\n\r\n", true, true, Some(200)),
            ("HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n", true, true, Some(200)),
            ("HTTP/1.1 200 OK\r\nPHP Warning: x\r\n\r\n", true, true, Some(200)),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", true, true, Some(200)),
            ("HTTP/1.1 200 OK\r\nnocolon\r\n\r\n", true, true, Some(200)),
            ("HTTP/1.1 200 OK\r\n: b\r\n\r\n", true, true, Some(200)),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", true, true, Some(200)),
        ] {
            for size in 1..=head.len() {
                let scanner = scan(head.as_bytes(), size).unwrap();
                let found = (scanner.is_complete(), scanner.is_lenient(), scanner.status());
                assert_eq!(found, (is_complete, is_lenient, status), "{head:?} by {size}");
            }
        }
    }

    #[test]
    fn of_very_many_headers_those_that_matter_are_passed_on() {
        let many = "x-a: b\r\n".repeat(900);
        let tail =
            "Retry-After : 7\r\n 8\r\nx-b: c\r\n d\r\nno colon\r\nCONTENT-LENGTH: 1\r\n\r\nx";
        let head = format!("HTTP/1.1 503 Busy\r\n{many}{tail}");
        let kept = "Retry-After : 7\r\n 8\r\nCONTENT-LENGTH: 1\r\n\r\nx";
        for size in [1, 2, 3, 7, 4096, 100_000] {
            let (mut scanner, mut passed) = (HeadScanner::new(), Vec::new());
            for piece in head.as_bytes().chunks(size) {
                passed.extend_from_slice(&scanner.scan(piece).unwrap());
            }
            let passed = String::from_utf8(passed).unwrap();
            let first = "x-a: b\r\n".repeat(PASSED_LINES as usize);
            // Whether a line is dropped is decided when it begins, so one more may pass.
            assert_eq!(passed, format!("HTTP/1.1 503 Busy\r\n{first}{kept}"), "by {size}");
            assert!(scanner.is_complete() && scanner.is_lenient());
        }
    }

    #[test]
    fn heads_are_bounded_in_bytes_and_in_number() {
        let interim = |count| b"HTTP/1.1 100 Continue\r\n\r\n".repeat(count);
        assert!(scan(&interim(MAX_INTERIM as usize), 7).is_ok());
        let error = scan(&interim(MAX_INTERIM as usize + 1), 7).unwrap_err();
        assert_eq!(error, HeadError::Interim);
        let lines = |count| format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(count)).into_bytes();
        assert!(scan(&lines(MAX_LINES as usize), 7).is_ok());
        assert_eq!(scan(&lines(MAX_LINES as usize + 1), 7).unwrap_err(), HeadError::Lines);
        for endless in ["x", "HTTP/1.1 200 OK\r\nx", "HTTP/1.1 200 OK\r\na: b"] {
            let head = [endless.as_bytes(), &vec![b'x'; MAX_HEAD_BYTES]].concat();
            assert!(scan(&head[..MAX_HEAD_BYTES], 4096).is_ok());
            assert_eq!(scan(&head, 4096).unwrap_err(), HeadError::Bytes);
        }
    }
}
