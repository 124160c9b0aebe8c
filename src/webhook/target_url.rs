use std::{fmt, net::Ipv6Addr};

use bytes::Bytes;
use http::{Uri, uri::Scheme};

use super::WebhookError;

/// An absolute `http` or `https` URL.
#[derive(Clone)]
pub(super) struct TargetUrl {
    url: Uri,
    /// The text that was parsed. The `Uri` shares its memory but cannot return the original text,
    /// because it changes the scheme to lower case and an empty path to `/`.
    text: Bytes,
}

impl TargetUrl {
    /// Parses a URL and checks that a request can be sent to it.
    pub(super) fn parse(text: &str) -> Result<Self, WebhookError> {
        // `Uri` silently drops a fragment.
        if text.contains('#') {
            return Err(WebhookError::Fragment);
        }
        let text = Bytes::copy_from_slice(text.as_bytes());
        let url = Uri::from_maybe_shared(text.clone())
            .map_err(|error| without_scheme(&text).unwrap_or_else(|| url_error(&error)))?;
        check(&url)?;
        Ok(Self { url, text })
    }

    /// Returns the parsed URL.
    pub(super) fn url(&self) -> &Uri {
        &self.url
    }

    /// Returns the text that was parsed.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.text).expect("it is a copy of a text")
    }
}

fn url_error(error: &http::uri::InvalidUri) -> WebhookError {
    WebhookError::Url { reason: error.to_string() }
}

/// Returns the error for a URL that lacks only its scheme, such as `example.com/hook`.
fn without_scheme(text: &[u8]) -> Option<WebhookError> {
    let with_scheme = [b"http://", text].concat();
    // In `http://http:///`, `http` would be the host.
    let has_scheme = text.windows(3).any(|part| part == b"://");
    let lacks_scheme = !has_scheme && Uri::try_from(with_scheme).is_ok();
    lacks_scheme.then_some(WebhookError::RelativeUrl)
}

/// Checks that a request can be sent to a URL.
fn check(url: &Uri) -> Result<(), WebhookError> {
    match url.scheme() {
        None => return Err(WebhookError::RelativeUrl),
        Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => {}
        Some(scheme) => return Err(WebhookError::Scheme { scheme: scheme.to_string() }),
    }
    let authority = url.authority().map_or("", |authority| authority.as_str());
    // Clients either drop user information or send it in a separate header. The author of the URL
    // expects neither.
    if authority.contains('@') {
        return Err(WebhookError::Credentials);
    }
    // `Uri` accepts authorities such as "[]", "[::1]x", "host:" and "host:99999", so the host and
    // the port are checked here. The colons of an IPv6 address come before the closing bracket.
    let end = authority.rfind(']').map_or_else(|| authority.find(':'), |at| Some(at + 1));
    let (host, port) = authority.split_at(end.unwrap_or(authority.len()));
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if host.is_empty() || bracketed.is_some_and(|host| host.parse::<Ipv6Addr>().is_err()) {
        return Err(WebhookError::Host { host: host.to_owned() });
    }
    // Only digits are allowed. Parsing a number would also accept "+80".
    let digits = port.strip_prefix(':').filter(|port| port.bytes().all(|b| b.is_ascii_digit()));
    let number = digits.and_then(|port| port.parse::<u16>().ok());
    if !port.is_empty() && number.is_none_or(|port| port == 0) {
        return Err(WebhookError::Port);
    }
    Ok(())
}

/// Writes a URL without its query, which may contain a token.
pub(super) struct RedactedUrl<'a>(pub(super) &'a Uri);

impl fmt::Debug for RedactedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (url, query) = (self.0, if self.0.query().is_some() { "?..." } else { "" });
        let scheme = url.scheme_str().unwrap_or_default();
        let authority = url.authority().map(|one| one.as_str()).unwrap_or_default();
        write!(f, "{scheme}://{authority}{}{query}", url.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_can_be_sent_to_are_kept_as_they_are() {
        for url in [
            "http://127.0.0.1:8888/",
            "https://hooks.example/a/b?c=d",
            "http://[::1]:80/x",
            "HTTP://host/",
        ] {
            let target = TargetUrl::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert!(target.url.to_string().eq_ignore_ascii_case(url), "{}", target.url);
            assert_eq!(target.text(), url);
        }
    }

    #[test]
    fn others_are_refused_with_the_reason() {
        for (url, text) in [
            ("", "cannot be parsed"),
            ("/hook", "must be absolute"),
            ("host:8888", "must be absolute"),
            ("example.com", "must be absolute"),
            ("example.com/hook", "must be absolute"),
            ("ftp://host/", "must be http or https, not ftp"),
            ("http://", "cannot be parsed"),
            ("http:///path", "cannot be parsed"),
            ("http://host:/", "port must be"),
            ("http://host:0/", "port must be"),
            ("http://host:99999/", "port must be"),
            ("http://host:http/", "port must be"),
            ("http://host:+80/", "port must be"),
            ("http://[::1]x:80/", "port must be"),
            ("http://[::1]:", "port must be"),
            ("http://[]/", "host must be"),
            ("http://[12345]/", "host must be"),
            ("http://:80/", "host must be"),
            ("http://user:pass@host/", "must not contain credentials"),
            ("http://host/#top", "must not have a #fragment"),
            ("http://host/a b", "cannot be parsed"),
            ("http://höst/", "cannot be parsed"),
        ] {
            let error = TargetUrl::parse(url).err().expect(url).to_string();
            assert!(error.contains(text), "{url}: {error}");
        }
    }

    #[test]
    fn a_query_is_not_shown() {
        let target = TargetUrl::parse("http://host:1/p?token=x").unwrap();
        assert_eq!(format!("{:?}", RedactedUrl(&target.url)), "http://host:1/p?...");
    }
}
