//! What every reader of JSON text needs to know about `serde_json` and about broken text.

/// The key under which `serde_json` passes the digits of a number.
///
/// `serde_json` does so if any crate in the host's build enables its feature `arbitrary_precision`.
/// Features apply to the whole build, so this crate must understand both representations.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Returns the text without the byte order mark at its beginning, if there is one.
///
/// JSON text must not begin with a mark, but some programs on Windows and some PHP scripts write
/// one, and RFC 8259 allows parsers to ignore it. Positions in errors do not count the mark,
/// because editors do not show it.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}

/// Returns what to write instead of the text at which a JSON parser stopped, or `None` if the text
/// there is no common mistake.
///
/// `line` and `column` are the position that `serde_json` reports. It reports either the first byte
/// that it did not accept or the byte before.
pub(crate) fn remedy(text: &[u8], line: usize, column: usize) -> Option<&'static str> {
    let line = text.split(|byte| *byte == b'\n').nth(line.checked_sub(1)?)?;
    let at = column.checked_sub(1)?;
    [at, at + 1].into_iter().find_map(|at| {
        // A parser stops inside a word, after the letters that it shares with a JSON literal.
        let before = line.get(..at)?.iter().rev();
        let start = at - before.take_while(|byte| is_word(**byte)).count();
        let rest = line.get(start..).filter(|rest| !rest.is_empty())?;
        let word = rest.iter().take_while(|byte| is_word(**byte)).count();
        let is_key = rest[word..].trim_ascii_start().starts_with(b":");
        match &rest[..word] {
            b"True" => Some("write true"),
            b"False" => Some("write false"),
            b"None" | b"undefined" | b"nil" => Some("write null"),
            b"NaN" | b"Infinity" | b"inf" | b"nan" => {
                Some("JSON has neither NaN nor infinities; write a number, or null")
            }
            b"" => remedy_for_sign(rest),
            _ if is_key => Some("write keys in double quotes"),
            _ => None,
        }
    })
}

/// Returns the remedy for text that begins with a character that is not part of a word.
fn remedy_for_sign(rest: &[u8]) -> Option<&'static str> {
    let starts_with = |sign: &str| rest.starts_with(sign.as_bytes());
    if starts_with("'") || starts_with("`") {
        Some("use double quotes")
    } else if ["\u{201c}", "\u{201d}", "\u{201e}", "\u{2018}", "\u{2019}", "\u{ab}", "\u{bb}"]
        .iter()
        .any(|quote| starts_with(quote))
    {
        Some("use plain double quotes instead of typographic ones")
    } else if starts_with("#") || starts_with("//") || starts_with("/*") {
        Some("JSON has no comments; remove it")
    } else if starts_with("(") {
        Some("write lists in square brackets")
    } else if starts_with("-Infinity") {
        Some("JSON has neither NaN nor infinities; write a number, or null")
    } else {
        None
    }
}

/// Returns whether the byte can be part of a word in a programming language.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses the text, which must be invalid, and returns the remedy for the error.
    fn remedy_for(text: &str) -> Option<&'static str> {
        let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
        remedy(text.as_bytes(), error.line(), error.column())
    }

    #[test]
    fn common_mistakes_have_a_remedy() {
        for (text, expected) in [
            ("{'events': {}}", "use double quotes"),
            ("{\"a\": 'b'}", "use double quotes"),
            ("[`a`]", "use double quotes"),
            ("{\u{201c}events\u{201d}: 1}", "use plain double quotes instead of typographic ones"),
            ("{\"a\": \u{ab}b\u{bb}}", "use plain double quotes instead of typographic ones"),
            ("{\"a\": True}", "write true"),
            ("{\n  \"a\": True,\n}", "write true"),
            ("[False]", "write false"),
            ("[None]", "write null"),
            ("[undefined]", "write null"),
            ("[nil]", "write null"),
            ("[NaN]", "JSON has neither NaN nor infinities; write a number, or null"),
            ("[nan]", "JSON has neither NaN nor infinities; write a number, or null"),
            ("[Infinity]", "JSON has neither NaN nor infinities; write a number, or null"),
            ("[-Infinity]", "JSON has neither NaN nor infinities; write a number, or null"),
            ("{events: {}}", "write keys in double quotes"),
            ("{null_key : 1}", "write keys in double quotes"),
            ("[1, // one\n 2]", "JSON has no comments; remove it"),
            ("[/* none */]", "JSON has no comments; remove it"),
            ("[1, # one\n 2]", "JSON has no comments; remove it"),
            ("[1] # one", "JSON has no comments; remove it"),
            ("{\"a\": (1, 2)}", "write lists in square brackets"),
        ] {
            assert_eq!(remedy_for(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_mistakes_have_none() {
        for text in ["", "[", "[1 2]", "{\"a\" 1}", "]", "{\"a\": 01}", "\"\u{1}\"", "[tru]", "[-]"]
        {
            assert_eq!(remedy_for(text), None, "{text}");
        }
        for (line, column) in [(0, 0), (1, 0), (1, 99), (9, 1), (usize::MAX, usize::MAX)] {
            assert_eq!(remedy(b"[\n", line, column), None);
        }
    }

    #[test]
    fn only_a_mark_at_the_beginning_is_removed() {
        assert_eq!(without_mark(b"\xef\xbb\xbf[]"), b"[]");
        assert_eq!(without_mark(b"\xef\xbb\xbf\xef\xbb\xbf[]"), b"\xef\xbb\xbf[]");
        assert_eq!(without_mark(b" \xef\xbb\xbf[]"), b" \xef\xbb\xbf[]");
        assert_eq!(without_mark(b"\xef\xbb"), b"\xef\xbb");
    }
}
