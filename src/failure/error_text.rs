use std::{
    error::Error,
    fmt::{self, Write},
    iter,
    sync::Arc,
};

/// What an error says of a failed attempt, for journals: at most 200 characters, cheap to clone.
///
/// `Display` escapes what is not printable, so that a line of a journal stays one.
///
/// ```
/// use recohook::failure::ErrorText;
///
/// assert_eq!(ErrorText::new("refused\r\nby peer").to_string(), r"refused\r\nby peer");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ErrorText(Arc<str>);

/// The longest error text, in characters.
const MAX_CHARS: usize = 200;

/// The most links of a chain that are read: a chain may have no end.
const MAX_LINKS: usize = 16;

impl ErrorText {
    /// The text, cut to its first 200 characters.
    pub fn new(text: &str) -> Self {
        let mut cut = TruncatedText::default();
        // It fails where the text is cut.
        let _ = cut.write_str(text);
        Self(cut.text.into())
    }

    /// What the error says and then its sources, each after a colon. One that an error above it
    /// has already quoted is left out.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut chain = TruncatedText::default();
        for link in iter::successors(Some(error), |&error| error.source()).take(MAX_LINKS) {
            let mut part = TruncatedText::default();
            // Either write fails where the text is cut, and a part of it is better than nothing.
            let _ = write!(part, "{link}");
            if chain.text.contains(&part.text) {
                continue;
            }
            let colon = if chain.text.is_empty() { "" } else { ": " };
            if write!(chain, "{colon}{}", part.text).is_err() {
                break;
            }
        }
        Self(chain.text.into())
    }

    /// The text as it is, with nothing escaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                // They break no line, and messages are full of them.
                '"' | '\'' => f.write_char(char)?,
                _ => char.escape_debug().try_for_each(|escaped| f.write_char(escaped))?,
            }
        }
        Ok(())
    }
}

/// A text that takes no more than the longest error text. What writes more is stopped there.
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

    /// Its source is itself, and its text has no end.
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
