use std::fmt;

use http::{Uri, uri::Scheme};

use super::WebhookError;

/// Reads an absolute `http` or `https` URL.
pub(super) fn parse(text: &str) -> Result<Uri, WebhookError> {
    if text.contains('#') {
        return Err(WebhookError::Fragment);
    }
    let url: Uri = text
        .parse()
        .map_err(|error: http::uri::InvalidUri| WebhookError::Url { reason: error.to_string() })?;
    match url.scheme() {
        None => return Err(WebhookError::RelativeUrl),
        Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => {}
        Some(scheme) => return Err(WebhookError::Scheme { scheme: scheme.to_string() }),
    }
    let authority = url.authority().ok_or(WebhookError::NoHost)?;
    if authority.as_str().contains('@') {
        return Err(WebhookError::Credentials);
    }
    if authority.host().is_empty() {
        return Err(WebhookError::NoHost);
    }
    // What follows the host must be a port: the parser itself lets "host:" and "host:99999" pass.
    let rest = &authority.as_str()[authority.host().len()..];
    if !rest.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
        return Err(WebhookError::Port);
    }
    Ok(url)
}

/// A URL without its query.
pub(super) struct Redacted<'a>(pub(super) &'a Uri);

impl fmt::Debug for Redacted<'_> {
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
            let parsed = parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert!(parsed.to_string().eq_ignore_ascii_case(url), "{parsed}");
        }
    }

    #[test]
    fn others_are_refused_with_the_reason() {
        for (url, text) in [
            ("", "cannot be read"),
            ("/hook", "must be absolute"),
            ("host:8888", "must be absolute"),
            ("example.com", "must be absolute"),
            ("ftp://host/", "must be http or https, not ftp"),
            ("http://", "cannot be read"),
            ("http:///path", "cannot be read"),
            ("http://host:/", "port must be"),
            ("http://host:0/", "port must be"),
            ("http://host:99999/", "port must be"),
            ("http://host:http/", "port must be"),
            ("http://user:pass@host/", "must not hold credentials"),
            ("http://host/#top", "must not have a #fragment"),
            ("http://host/a b", "cannot be read"),
            ("http://höst/", "cannot be read"),
        ] {
            let error = parse(url).expect_err(url).to_string();
            assert!(error.contains(text), "{url}: {error}");
        }
    }

    #[test]
    fn a_query_is_not_shown() {
        let url = parse("http://host:1/p?token=x").unwrap();
        assert_eq!(format!("{:?}", Redacted(&url)), "http://host:1/p?...");
    }
}
