use std::{borrow::Cow, sync::Arc};

use http::{Extensions, HeaderName};

/// How the names of a request's headers are spelled on the wire.
///
/// HTTP/1.1 compares names without case, and [`HeaderName`] is always in lower case. Some receivers
/// compare them with case nevertheless, for example scripts that look for `X-Event-Type` in a
/// dictionary of headers. Each name is therefore sent as it was given to the profile, the webhook or
/// the signer. All other names are sent in title case, such as `Content-Type`.
///
/// A request carries its `HeaderCase` as an extension, unless title case is right for all names. A
/// transport that writes HTTP/1.1 itself reads it with [`of`](Self::of). HTTP/2 has only names in
/// lower case.
///
/// ```
/// use recohook::findface::security::{Event, FILTERS};
/// use recohook::http::HeaderName;
/// use recohook::transport::HeaderCase;
/// use recohook::{Engine, Filter, Moment, Webhook};
/// use std::time::SystemTime;
///
/// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
///     .with_header("X-Site-ID", "north")?;
/// let (mut engine, now) = (Engine::new(), Moment::ZERO);
/// engine.insert(1, webhook, now)?;
/// engine.publish(&Event::new("42"), now)?;
/// let outgoing = engine.poll_request(now, SystemTime::now()).expect("a request is due");
///
/// let case = HeaderCase::of(outgoing.request().extensions());
/// assert_eq!(case.spelling(&HeaderName::from_static("x-site-id")), "X-Site-ID");
/// assert_eq!(case.spelling(&HeaderName::from_static("content-type")), "Content-Type");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeaderCase {
    /// The names of the webhook and its signers.
    webhook: Spellings,
    profile: Spellings,
}

/// The names whose spelling is not the one that they have by default. Clones share them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spellings(Option<Arc<Vec<Box<str>>>>);

impl HeaderCase {
    /// Returns the spelling of the headers of a request, from its extensions.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Sets the spelling of a name. By default, a name is in title case.
    ///
    /// The crate sets the spelling of its requests. Use this method in tests of a transport.
    #[must_use]
    pub fn with_spelling(mut self, spelling: &str) -> Self {
        self.webhook.add(spelling, &self.profile);
        self
    }

    /// Returns the case of the names of a webhook, or `None` if all of them are in title case.
    pub(crate) fn new(webhook: &Spellings, profile: &Spellings) -> Option<Self> {
        let is_title_case = webhook.0.is_none() && profile.0.is_none();
        (!is_title_case).then(|| Self { webhook: webhook.clone(), profile: profile.clone() })
    }

    /// Returns the spelling of a name. It has the same letters.
    pub fn spelling<'a>(&'a self, name: &'a HeaderName) -> Cow<'a, str> {
        match self.given(name.as_str().as_bytes()) {
            Some(spelling) => Cow::Borrowed(spelling),
            None => Cow::Owned(title_case(name.as_str())),
        }
    }

    /// Returns the spelling of a name, or `None` if it is in title case. It has the same letters,
    /// and therefore the same length.
    pub(crate) fn given(&self, name: &[u8]) -> Option<&str> {
        self.webhook.get(name).or_else(|| self.profile.get(name))
    }
}

impl Spellings {
    /// Stores how a name is spelled. `others` applies to names that are not stored here.
    pub(crate) fn add(&mut self, spelling: &str, others: &Self) {
        self.retain(|name| !name.eq_ignore_ascii_case(spelling));
        let is_default = match others.get(spelling.as_bytes()) {
            Some(other) => other == spelling,
            None => title_case(spelling) == spelling,
        };
        if !is_default {
            Arc::make_mut(self.0.get_or_insert_default()).push(spelling.into());
        }
    }

    /// Keeps only the names that fulfil a condition.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        if let Some(names) = &mut self.0 {
            Arc::make_mut(names).retain(|name| is_kept(name));
        }
        self.0.take_if(|names| names.is_empty());
    }

    fn get(&self, name: &[u8]) -> Option<&str> {
        let mut names = self.0.iter().flat_map(|names| names.iter());
        names.find(|known| known.as_bytes().eq_ignore_ascii_case(name)).map(|name| &**name)
    }
}

/// Returns a name with a capital letter at its beginning and after each dash.
fn title_case(name: &str) -> String {
    let mut is_first = true;
    let convert = |letter: char| {
        let converted =
            if is_first { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        is_first = letter == '-';
        converted
    };
    name.chars().map(convert).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_differ_from_the_default_are_stored() {
        let mut profile = Spellings::default();
        profile.add("User-Agent", &Spellings::default());
        assert_eq!(profile, Spellings::default());
        profile.add("X-Event-ID", &Spellings::default());
        let mut webhook = Spellings::default();
        webhook.add("X-Event-ID", &profile);
        assert_eq!(webhook, Spellings::default());
        // Title case is stored if the profile has another spelling.
        webhook.add("X-Event-Id", &profile);
        let case = HeaderCase::new(&webhook, &profile).unwrap();
        let name = HeaderName::from_static("x-event-id");
        assert_eq!(case.spelling(&name), "X-Event-Id");
        webhook.add("x-event-id", &profile);
        webhook.add("X-Event-ID", &profile);
        assert_eq!(webhook, Spellings::default());
        assert_eq!(HeaderCase::new(&webhook, &profile).unwrap().spelling(&name), "X-Event-ID");
        assert_eq!(HeaderCase::new(&webhook, &webhook), None);
    }
}
