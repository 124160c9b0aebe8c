use std::fmt;

use serde_json::Number;

/// A number in JSON text that a model cannot keep exactly.
///
/// [`inexact_numbers`] finds them. `Display` writes the number with its place.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InexactNumber {
    text: String,
    line: usize,
    column: usize,
}

/// Finds the numbers in JSON text that a model cannot keep exactly.
///
/// `serde_json` stores a number as a 64-bit integer or as an `f64`. An integer beyond 64 bits, or a
/// fraction with more than 15 digits, may be rounded when a model reads it, and a model that writes
/// it again writes the rounded number. A [`Reader`](super::Reader) does not change the text. A host
/// that must not lose digits can check a body with this function and then publish it without a
/// model, or log what was lost.
///
/// The text is not checked: in text that is not JSON, the result is meaningless.
///
/// ```
/// use recohook::raw::inexact_numbers;
///
/// let body = br#"[{"id": "42", "quality": 0.1, "track": 99999999999999999999}]"#;
/// let numbers = inexact_numbers(body);
/// assert_eq!(numbers[0].text(), "99999999999999999999");
/// assert_eq!(numbers[0].to_string(), "99999999999999999999 at line 1 column 40");
/// ```
pub fn inexact_numbers(json: &[u8]) -> Vec<InexactNumber> {
    let mut found = Vec::new();
    let (mut line, mut start_of_line, mut at) = (1, 0, 0);
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => at = end_of_string(json, at + 1),
            b'-' | b'0'..=b'9' => {
                let is_part =
                    |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                let length = json[at..].iter().take_while(is_part).count();
                // A number consists of ASCII characters only.
                let text = String::from_utf8_lossy(&json[at..at + length]);
                if !is_exact(&text) {
                    let column = at - start_of_line + 1;
                    found.push(InexactNumber { text: text.into_owned(), line, column });
                }
                at += length;
            }
            byte => {
                at += 1;
                if *byte == b'\n' {
                    (line, start_of_line) = (line + 1, at);
                }
            }
        }
    }
    found
}

impl InexactNumber {
    /// Returns the number as it is in the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the line and the column at which the number begins. Both are counted from 1, and
    /// columns are counted in bytes.
    pub fn position(&self) -> (usize, usize) {
        (self.line, self.column)
    }
}

impl fmt::Display for InexactNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.text, self.line, self.column)
    }
}

/// Returns the place after a string whose first character is at `at`.
fn end_of_string(json: &[u8], mut at: usize) -> usize {
    loop {
        match json.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') | None => return at + 1,
            Some(_) => at += 1,
        }
    }
}

/// Returns whether `serde_json` keeps the value of a number.
fn is_exact(text: &str) -> bool {
    if text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
        return true;
    }
    match text.parse::<f64>() {
        // Of two shortest texts that are equally near to the number, `{:e}` and `serde_json` may
        // choose different ones. What a model writes is what counts.
        Ok(number) => Number::from_f64(number)
            .is_some_and(|number| decimal(text) == decimal(&number.to_string())),
        Err(_) => false,
    }
}

/// Returns the digits of a number without zeros at either end, and the exponent of the last digit.
fn decimal(text: &str) -> (String, i64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
    let digits = digits.trim_start_matches('0');
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() {
        return (String::new(), 0);
    }
    // The lengths are those of a text in memory, so they fit. An exponent that does not fit makes
    // the number infinite or 0, whose digits differ anyway.
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let zeros = (digits.len() - trimmed.len()) as i64;
    (trimmed.to_owned(), exponent - fraction.len() as i64 + zeros)
}
