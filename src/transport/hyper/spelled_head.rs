//! The head of a request whose names are spelled as a [`HeaderCase`] says. hyper writes all names
//! in title case.

use std::io::IoSlice;

use crate::transport::HeaderCase;

/// A head that is being written. It has the same length as hyper's.
#[derive(Debug)]
pub(super) struct SpelledHead {
    bytes: Vec<u8>,
    written: usize,
}

impl SpelledHead {
    /// Returns whether bytes begin with the head of a request, rather than with the rest of a body.
    pub(super) fn is_head(bytes: &[u8]) -> bool {
        bytes.starts_with(b"POST ")
    }

    /// Spells the names of a head, which may be followed by a body. Returns `None` if the head is
    /// not complete.
    pub(super) fn new(bytes: &[u8], case: &HeaderCase) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let mut bytes = bytes[..end].to_vec();
        for line in bytes.split_mut(|byte| *byte == b'\n').skip(1) {
            let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
            if let Some(spelling) = case.given(&line[..colon]) {
                line[..colon].copy_from_slice(spelling.as_bytes());
            }
        }
        Some(Self { bytes, written: 0 })
    }

    /// Puts the rest of the head in the place of hyper's. `parts` begin with the first byte that
    /// has not been written.
    pub(super) fn replace_in<'a>(&'a self, parts: &'a [IoSlice<'a>]) -> Vec<IoSlice<'a>> {
        let mut rest = &self.bytes[self.written..];
        let mut replaced = Vec::with_capacity(parts.len() + 1);
        for part in parts {
            let (head, after) = rest.split_at(rest.len().min(part.len()));
            replaced.extend([head, &part[head.len()..]].map(IoSlice::new));
            rest = after;
        }
        replaced.retain(|part| !part.is_empty());
        replaced
    }

    /// Counts bytes that have been written. Returns whether the head ended among them.
    pub(super) fn is_finished_by(&mut self, written: usize) -> bool {
        self.written = self.bytes.len().min(self.written + written);
        self.written == self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_however_the_bytes_are_split_and_written() {
        let case = HeaderCase::default().with_spelling("X-ID").with_spelling("post");
        let sent = b"POST /X-Id: HTTP/1.1\r\nX-Id: X-Id: 1\r\nX-Idx: 2\r\n\r\nX-Id: body";
        let expected = "POST /X-Id: HTTP/1.1\r\nX-ID: X-Id: 1\r\nX-Idx: 2\r\n\r\nX-Id: body";
        for (part, step) in (1..=sent.len()).flat_map(|part| [(part, 1), (part, 7), (part, 99)]) {
            let mut head = SpelledHead::new(sent, &case).unwrap();
            let (mut at, mut out, mut is_finished) = (0, Vec::new(), false);
            while at < sent.len() {
                let parts: Vec<_> = sent[at..].chunks(part).map(IoSlice::new).collect();
                let parts = if is_finished { parts } else { head.replace_in(&parts) };
                let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_vec()).collect();
                let written = step.min(bytes.len());
                out.extend_from_slice(&bytes[..written]);
                at += written;
                is_finished = is_finished || head.is_finished_by(written);
            }
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{part} {step}");
        }
        assert!(SpelledHead::new(&sent[..20], &case).is_none());
        assert!(!SpelledHead::is_head(b"[POST ]"));
    }
}
