use std::fmt;

/// A JSON Pointer (RFC 6901) into the text of a filter.
///
/// A pointer is a linked list on the stack: each pointer refers to the pointer to the enclosing
/// object or list. Therefore parsing a valid filter does not allocate for pointers. `Display`
/// writes the pointer as text, for an error, a warning or a verdict.
#[derive(Clone, Copy)]
pub(super) struct Pointer<'a> {
    parent: Option<&'a Pointer<'a>>,
    token: Token<'a>,
}

/// The last step of a pointer.
#[derive(Clone, Copy)]
enum Token<'a> {
    /// The whole text.
    Root,
    /// A member of an object, by its name.
    Member(&'a str),
    /// An item of a list, by its 0-based index.
    Item(usize),
}

impl<'a> Pointer<'a> {
    /// The pointer to the whole text.
    pub(super) const ROOT: Self = Self { parent: None, token: Token::Root };

    /// Returns the pointer to a member of the object at `self`.
    pub(super) fn member(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), token: Token::Member(name) }
    }

    /// Returns the pointer to an item of the list at `self`.
    pub(super) fn item(&'a self, index: usize) -> Self {
        Self { parent: Some(self), token: Token::Item(index) }
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The recursion depth is the nesting depth of the filter, which is limited.
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.token {
            Token::Root => Ok(()),
            // The order matters: the reverse order would escape the `~` of each `~1` again.
            Token::Member(name) => write!(f, "/{}", name.replace('~', "~0").replace('/', "~1")),
            Token::Item(index) => write!(f, "/{index}"),
        }
    }
}
