//! Finds the end of a response's head in the bytes that arrive, before hyper parses them.

/// The maximum number of bytes before the body: interim responses, status line and headers.
pub(super) const MAX_HEAD_BYTES: usize = 256 * 1024;

/// The maximum number of interim responses, such as `100 Continue`.
pub(super) const MAX_INTERIM: u32 = 64;

/// The maximum number of headers of a response.
pub(super) const MAX_HEADERS: usize = 1000;

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
    interim: u32,
    is_lenient: bool,
}

/// Where the next byte belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the status line, after this many spaces.
    StatusLine {
        spaces: u8,
    },
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
    TooLong,
    #[error("the receiver sent more than {MAX_INTERIM} interim responses")]
    TooManyInterim,
}

impl HeadScanner {
    pub(super) fn new() -> Self {
        Self {
            place: Place::StatusLine { spaces: 0 },
            last: 0,
            status: 0,
            bytes: 0,
            interim: 0,
            is_lenient: false,
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

    /// Scans the next bytes. Bytes after the final head are ignored.
    pub(super) fn scan(&mut self, mut bytes: &[u8]) -> Result<(), HeadError> {
        while !bytes.is_empty() && !self.is_complete() {
            // Most bytes are in values, so these are skipped as a whole.
            let skipped = match self.place {
                Place::Value => bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()),
                _ => 0,
            };
            if let Some(last) = skipped.checked_sub(1) {
                self.last = bytes[last];
            }
            self.bytes += skipped;
            bytes = &bytes[skipped..];
            if let Some((byte, rest)) = bytes.split_first() {
                self.step(*byte);
                self.last = *byte;
                self.bytes += 1;
                bytes = rest;
            }
            if self.bytes > MAX_HEAD_BYTES {
                return Err(HeadError::TooLong);
            }
            if self.interim > MAX_INTERIM {
                return Err(HeadError::TooManyInterim);
            }
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::StatusLine { .. }, b'\n') if self.status == 0 => {
                // Empty lines before the status line are skipped.
                self.is_lenient = true;
                Place::StatusLine { spaces: 0 }
            }
            (Place::StatusLine { .. } | Place::Value | Place::Name, b'\n') => {
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
            (Place::LineStart | Place::Name, _) if is_token(byte) => Place::Name,
            (Place::LineStart | Place::Name | Place::EmptyLine, _) => {
                self.is_lenient = true;
                Place::Value
            }
            (place @ (Place::StatusLine { .. } | Place::Value | Place::Body), _) => place,
        };
    }

    /// Ends a head. Returns the place of the next byte.
    fn end(&mut self) -> Place {
        // 101 is final, because the receiver stops speaking HTTP after it.
        if (100..200).contains(&self.status) && self.status != 101 {
            self.interim += 1;
            self.status = 0;
            return Place::StatusLine { spaces: 0 };
        }
        Place::Body
    }
}

/// Returns whether a header name may contain the byte (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans a head in pieces of `size` bytes.
    fn scan(head: &[u8], size: usize) -> Result<HeadScanner, HeadError> {
        let mut scanner = HeadScanner::new();
        head.chunks(size).try_for_each(|piece| scanner.scan(piece))?;
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
    fn heads_are_bounded_in_bytes_and_in_number() {
        let interim = |count| b"HTTP/1.1 100 Continue\r\n\r\n".repeat(count);
        assert!(scan(&interim(MAX_INTERIM as usize), 7).is_ok());
        let error = scan(&interim(MAX_INTERIM as usize + 1), 7).unwrap_err();
        assert_eq!(error, HeadError::TooManyInterim);
        for endless in ["x", "HTTP/1.1 200 OK\r\nx", "HTTP/1.1 200 OK\r\na: b"] {
            let head = [endless.as_bytes(), &vec![b'x'; MAX_HEAD_BYTES]].concat();
            assert!(scan(&head[..MAX_HEAD_BYTES], 4096).is_ok());
            assert_eq!(scan(&head, 4096).unwrap_err(), HeadError::TooLong);
        }
    }
}
