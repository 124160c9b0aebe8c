use std::{
    error::Error,
    fmt::{self, Write},
    iter,
    sync::Arc,
};

/// The message of an error, for logs. It has at most 200 characters. Cloning it does not copy the
/// message.
///
/// `Display` escapes characters that cannot be printed, such as line breaks, so that an error
/// cannot inject a line into a log.
///
/// ```
/// use recohook::failure::ErrorText;
///
/// let text = ErrorText::new("refused\r\nby peer");
/// assert_eq!(text.to_string(), r"refused\r\nby peer");
/// assert_eq!(text.as_str(), "refused\r\nby peer");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ErrorText(Arc<str>);

/// The maximum length of an error text, in characters.
const MAX_CHARS: usize = 200;

/// The maximum number of errors that are read from a chain. A chain may be endless, because an
/// error can be its own source.
const MAX_LINKS: usize = 16;

impl ErrorText {
    /// Creates an error text from the first 200 characters of a string.
    ///
    /// ```
    /// use recohook::failure::ErrorText;
    ///
    /// assert_eq!(ErrorText::new(&"é".repeat(500)).as_str(), "é".repeat(200));
    /// ```
    pub fn new(text: &str) -> Self {
        let mut cut = TruncatedText::default();
        // A write error only means that the text was cut.
        let _ = cut.write_str(text);
        Self(cut.text.into())
    }

    /// Creates an error text from the messages of an error and its sources, separated by colons.
    ///
    /// A source is left out if the text before it already contains the source's message, because
    /// many errors quote their source. At most 16 errors are read.
    ///
    /// ```
    /// use recohook::failure::ErrorText;
    /// use recohook::transport::TransportError;
    ///
    /// let error = TransportError::tls("the certificate has expired");
    /// assert_eq!(
    ///     ErrorText::of(&error).as_str(),
    ///     "no secure channel to the receiver: the certificate has expired",
    /// );
    /// ```
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut chain = TruncatedText::default();
        for link in iter::successors(Some(error), |&error| error.source()).take(MAX_LINKS) {
            let mut part = TruncatedText::default();
            // A write error means that the part was cut or that the `Display` of `link` failed. The
            // text written before that is better than nothing.
            let _ = write!(part, "{link}");
            if chain.text.contains(&part.text) {
                continue;
            }
            let colon = if chain.text.is_empty() { "" } else { ": " };
            if write!(chain, "{colon}{}", part.text).is_err() {
                // The text is full.
                break;
            }
        }
        Self(chain.text.into())
    }

    /// Returns the text without escapes. It may contain line breaks and control characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                // `escape_debug` would also escape quotes, which are harmless and common in
                // messages.
                '"' | '\'' => f.write_char(char)?,
                _ => char.escape_debug().try_for_each(|escaped| f.write_char(escaped))?,
            }
        }
        Ok(())
    }
}

/// A buffer for at most [`MAX_CHARS`] characters. Writing more fails, which stops an endless
/// `Display`.
#[derive(Default)]
struct TruncatedText {
    text: String,
    chars: usize,
}

impl Write for TruncatedText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            if self.chars == MAX_CHARS {
                return Err(fmt::Error);
            }
            self.text.push(char);
            self.chars += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Link(&'static str, Option<Box<Link>>);

    impl fmt::Display for Link {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Link {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|link| link as &(dyn Error + 'static))
        }
    }

    fn chain(texts: &[&'static str]) -> Link {
        Link(texts[0], (texts.len() > 1).then(|| Box::new(chain(&texts[1..]))))
    }

    #[test]
    fn a_chain_is_written_from_the_top_with_each_link_once() {
        let of = |texts: &[&'static str]| ErrorText::of(&chain(texts)).to_string();
        assert_eq!(of(&["connect", "tcp", "refused"]), "connect: tcp: refused");
        assert_eq!(of(&["connect: refused", "refused", "os error 111"]), {
            "connect: refused: os error 111"
        });
        assert_eq!(of(&["", "refused"]), "refused");
        assert_eq!(of(&[""]), "");
    }

    /// An error that is its own source and whose message never ends.
    #[derive(Debug)]
    struct Endless;

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            iter::repeat("é\n").try_for_each(|text| f.write_str(text))
        }
    }

    impl Error for Endless {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Self)
        }
    }

    #[test]
    fn an_error_text_is_bounded_whatever_the_error_does() {
        assert_eq!(ErrorText::of(&Endless).as_str(), "é\n".repeat(100));
        assert_eq!(ErrorText::new(&"é".repeat(500)).as_str(), "é".repeat(200));
        let long: &'static str = "x".repeat(199).leak();
        assert_eq!(ErrorText::of(&chain(&[long, "y"])).as_str(), format!("{long}:"));
    }

    #[test]
    fn an_error_text_stays_on_its_line() {
        let text = "can't \"read\"\r\n\u{1b}[31m \u{2028}\u{202e}\\ ünï";
        let shown = r#"can't "read"\r\n\u{1b}[31m \u{2028}\u{202e}\\ ünï"#;
        assert_eq!(ErrorText::new(text).to_string(), shown);
    }
}
