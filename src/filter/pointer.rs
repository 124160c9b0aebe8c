use std::fmt;

/// A JSON Pointer (RFC 6901) into the text. It is written out only for an error.
#[derive(Clone, Copy)]
pub(super) struct Pointer<'a> {
    parent: Option<&'a Pointer<'a>>,
    token: Token<'a>,
}

#[derive(Clone, Copy)]
enum Token<'a> {
    Root,
    Member(&'a str),
    Item(usize),
}

impl<'a> Pointer<'a> {
    pub(super) const ROOT: Self = Self { parent: None, token: Token::Root };

    pub(super) fn member(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), token: Token::Member(name) }
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        Self { parent: Some(self), token: Token::Item(index) }
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.token {
            Token::Root => Ok(()),
            Token::Member(name) => write!(f, "/{}", name.replace('~', "~0").replace('/', "~1")),
            Token::Item(index) => write!(f, "/{index}"),
        }
    }
}
