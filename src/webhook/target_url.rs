use std::fmt;

use bytes::Bytes;
use http::Uri;

use super::WebhookError;
use crate::base::{
    host,
    percent::{is_path_byte, push_encoded},
};

/// The maximum length of a URL, in bytes. RFC 9110, section 4.1, asks receivers for at least 8,000.
const MAX_BYTES: usize = 8192;

/// An absolute `http` or `https` URL.
#[derive(Clone)]
pub(super) struct TargetUrl {
    url: Uri,
    /// The text that was parsed. If normalisation changes nothing, the `Uri` shares its memory. The
    /// `Uri` cannot return the text, because it changes the scheme to lower case and an empty path
    /// to `/`.
    text: Bytes,
}

impl TargetUrl {
    /// Normalises a URL, parses it and checks that a request can be sent to it.
    pub(super) fn parse(text: &str) -> Result<Self, WebhookError> {
        check_text(text)?;
        let rest = after_scheme(text)?;
        // A backslash does not end the authority here, so it is refused as a part of the host.
        // Clients that read it as a slash would find another host than those that do not.
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            // Clients either drop user information or send it in a separate header. The author of
            // the URL expects neither.
            return Err(WebhookError::Credentials);
        }
        let (host, port) = host::split(authority)?;
        host::parse(host)?;
        if port.is_some_and(|port| host::port(port).is_none()) {
            return Err(WebhookError::Port);
        }
        let given = Bytes::copy_from_slice(text.as_bytes());
        let scheme = &text[..text.len() - rest.len()];
        let normal = match normalised(scheme, host, port, path) {
            normal if normal == text => given.clone(),
            normal => normal.into(),
        };
        if normal.len() > MAX_BYTES {
            return Err(WebhookError::LongUrl { bytes: normal.len() });
        }
        let url = Uri::from_maybe_shared(normal)
            .map_err(|error| WebhookError::Url { reason: error.to_string() })?;
        Ok(Self { url, text: given })
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

/// Checks what does not depend on the parts of the URL.
fn check_text(text: &str) -> Result<(), WebhookError> {
    if text.is_empty() {
        return Err(WebhookError::EmptyUrl);
    }
    if text.len() > MAX_BYTES {
        return Err(WebhookError::LongUrl { bytes: text.len() });
    }
    // A byte order mark is invisible too, and files often begin with one.
    let is_blank = |char: char| char.is_whitespace() || char == '\u{feff}';
    if text.starts_with(is_blank) || text.ends_with(is_blank) {
        return Err(WebhookError::Blank);
    }
    if let Some(character) = text.chars().find(|char| char.is_control()) {
        return Err(WebhookError::ControlCharacter { character });
    }
    if text.contains('#') {
        return Err(WebhookError::Fragment);
    }
    Ok(())
}

/// Returns what follows `http://` or `https://`.
fn after_scheme(text: &str) -> Result<&str, WebhookError> {
    let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return Err(WebhookError::RelativeUrl);
    };
    if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return rest.strip_prefix("//").ok_or(WebhookError::Slashes);
    }
    // Without slashes, the text before the colon is more likely a host, as in "host:8888", or a
    // user, which an error must not quote.
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !rest.starts_with("//") && (rest[..end].contains('@') || is_port(&rest[..end])) {
        return Err(WebhookError::RelativeUrl);
    }
    Err(WebhookError::Scheme { scheme: host::quoted(scheme) })
}

fn is_scheme(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    text.starts_with(|char: char| char.is_ascii_alphabetic()) && text.bytes().all(is_part)
}

/// Writes a URL without the final dot of its host, with a path that is not empty, and with
/// everything percent-encoded that must be.
fn normalised(scheme: &str, host: &str, port: Option<&str>, path: &str) -> String {
    let mut url = String::with_capacity(scheme.len() + host.len() + path.len() + 7);
    url.push_str(scheme);
    url.push_str(host.strip_suffix('.').unwrap_or(host));
    if let Some(port) = port {
        url.push(':');
        url.push_str(port);
    }
    if !path.starts_with('/') {
        url.push('/');
    }
    let bytes = path.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let is_allowed = match byte {
            b'%' => bytes[at + 1..].iter().take(2).filter(|b| b.is_ascii_hexdigit()).count() == 2,
            byte => is_path_byte(*byte),
        };
        if is_allowed { url.push(char::from(*byte)) } else { push_encoded(*byte, &mut url) }
    }
    url
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
            "http://h_1.internal/",
            "http://h/%41%c3%a9?a=b&c=%20;d@e:f/g?h!$'()*+,-._~",
        ] {
            let target = TargetUrl::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert!(target.url.to_string().eq_ignore_ascii_case(url), "{}", target.url);
            assert_eq!(target.text(), url);
        }
    }

    #[test]
    fn u1_what_a_url_must_not_contain_is_percent_encoded_once() {
        for (url, normal) in [
            ("http://h/пример", "http://h/%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80"),
            ("http://h/é?q=ж", "http://h/%C3%A9?q=%D0%B6"),
            ("http://h/a b?c d", "http://h/a%20b?c%20d"),
            ("http://h/\"<>\\^`{|}[]", "http://h/%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D"),
            ("http://h/%41%4", "http://h/%41%254"),
            ("http://h/%?%%zz%e4", "http://h/%25?%25%25zz%e4"),
            ("http://h?é", "http://h/?%C3%A9"),
            ("http://h", "http://h/"),
            ("http://h.example.:80/", "http://h.example:80/"),
            ("http://127.0.0.1./", "http://127.0.0.1/"),
        ] {
            let target = TargetUrl::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!((target.url.to_string().as_str(), target.text()), (normal, url));
            let again = TargetUrl::parse(normal).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(again.url.to_string(), normal);
        }
    }

    #[test]
    fn others_are_refused_with_the_reason() {
        for (url, kind, text) in [
            ("", "empty_url", "is empty"),
            (" http://h/", "blank", "begins or ends with a blank"),
            ("http://h/ ", "blank", "begins or ends with a blank"),
            ("http://h/\u{3000}", "blank", "begins or ends with a blank"),
            ("\u{feff}http://h/", "blank", "begins or ends with a blank"),
            ("http://h/\r\nb", "control_character", r"control character '\r'"),
            ("http://h\0/", "control_character", r"control character '\0'"),
            ("http://h/\u{85}b", "control_character", "control character"),
            ("/hook", "relative_url", "must be absolute"),
            ("//host/hook", "relative_url", "must be absolute"),
            ("localhost/x", "relative_url", "must be absolute"),
            ("host:8888", "relative_url", "must be absolute"),
            ("host:8888/x:y", "relative_url", "must be absolute"),
            ("127.0.0.1:8888/", "relative_url", "must be absolute"),
            ("example.com", "relative_url", "must be absolute"),
            ("example.com/hook?to=http://a/", "relative_url", "must be absolute"),
            ("user:word@host/", "relative_url", "must be absolute"),
            ("://host/", "relative_url", "must be absolute"),
            ("ftp://host/", "scheme", "must be http or https, not ftp"),
            ("mailto:a", "scheme", "must be http or https, not mailto"),
            ("http:/h/", "slashes", "two slashes"),
            ("https:h/", "slashes", "two slashes"),
            ("http:\\\\h/", "slashes", "two slashes"),
            ("http://", "host_empty", "has no host"),
            ("http:///path", "host_empty", "has no host"),
            ("http://:80/", "host_empty", "has no host"),
            ("http://?q", "host_empty", "has no host"),
            ("http://user:pass@host/", "credentials", "must not contain credentials"),
            ("http://@host/", "credentials", "must not contain credentials"),
            ("http://host/#top", "fragment", "must not have a #fragment"),
            ("http://host:/", "port", "port must be"),
            ("http://host:0/", "port", "port must be"),
            ("http://host:99999/", "port", "port must be"),
            ("http://host:http/", "port", "port must be"),
            ("http://host:+80/", "port", "port must be"),
            ("http://host:80:80/", "port", "port must be"),
            ("http://[::1]:", "port", "port must be"),
        ] {
            let error = TargetUrl::parse(url).err().expect(url);
            assert_eq!(error.kind(), kind, "{url}: {error}");
            assert!(error.to_string().contains(text), "{url}: {error}");
        }
    }

    #[test]
    fn hosts_that_cannot_be_reached_are_refused_with_the_reason() {
        let long_label = format!("a.{}.b", "x".repeat(64));
        let long_name = ["x".repeat(60).as_str(); 5].join(".");
        for (host, kind, text) in [
            ("höst.example", "host_not_ascii", "xn--"),
            ("１２７.0.0.1", "host_not_ascii", "xn--"),
            ("a..b", "host_empty_label", "exactly one dot"),
            (".", "host_empty_label", "exactly one dot"),
            (".a", "host_empty_label", "exactly one dot"),
            ("a..", "host_empty_label", "exactly one dot"),
            (&long_label, "host_long_label", "has 64 bytes; at most 63"),
            (&long_name, "host_too_long", "has 304 bytes; at most 253"),
            ("(h)", "host_character", "contains '('"),
            ("a b", "host_character", "contains ' '"),
            ("a\\b", "host_character", r"contains '\\'"),
            ("%31.example", "host_character", "contains '%'"),
            ("*.example", "host_character", "contains '*'"),
            ("256.1.1.1", "host_ipv4", "four decimal numbers"),
            ("1.2.3.4.5", "host_ipv4", "four decimal numbers"),
            ("a.1", "host_ipv4", "four decimal numbers"),
            ("127.1", "host_ipv4_spelling", "write 127.0.0.1"),
            ("2130706433", "host_ipv4_spelling", "write 127.0.0.1"),
            ("0x7f000001", "host_ipv4_spelling", "write 127.0.0.1"),
            ("0177.0.0.1", "host_ipv4_spelling", "write 127.0.0.1"),
            ("127.0.0.01.", "host_ipv4_spelling", "write 127.0.0.1"),
            ("[]", "host_ipv6", "is no IPv6 address"),
            ("[12345]", "host_ipv6", "is no IPv6 address"),
            ("[127.0.0.1]", "host_ipv6", "is no IPv6 address"),
            ("[fe80::1%eth0]", "host_zone_id", "zone id"),
            ("[fe80::1%25eth0]:80", "host_zone_id", "zone id"),
            ("::[1]:10", "host_brackets", "misplaced"),
            (":[1]", "host_brackets", "misplaced"),
            ("a[::1]:5", "host_brackets", "misplaced"),
            ("a[]", "host_brackets", "misplaced"),
            ("[::1]x:80", "host_brackets", "misplaced"),
            ("[::1", "host_brackets", "misplaced"),
            ("[[::1]]", "host_brackets", "misplaced"),
            ("::1", "host_brackets", "missing"),
        ] {
            let error = TargetUrl::parse(&format!("http://{host}/")).err().expect(host);
            assert_eq!(error.kind(), kind, "{host}: {error}");
            assert!(error.to_string().contains(text), "{host}: {error}");
        }
    }

    #[test]
    fn a_long_url_is_refused_before_and_after_encoding() {
        let url = |path: &str, count| format!("http://h/{}", path.repeat(count));
        assert!(TargetUrl::parse(&url("x", MAX_BYTES - 9)).is_ok());
        let bytes = |url: &str| match TargetUrl::parse(url) {
            Err(WebhookError::LongUrl { bytes }) => bytes,
            other => panic!("{:?}", other.map(|target| target.url)),
        };
        assert_eq!(bytes(&url("x", MAX_BYTES - 8)), MAX_BYTES + 1);
        assert_eq!(bytes(&url("^", 2728)), 9 + 3 * 2728);
    }

    #[test]
    fn errors_quote_no_long_text() {
        let long = "x".repeat(8000);
        for url in [format!("{long}://h/"), format!("http://[{long}]/"), format!("http://{long}ö/")]
        {
            let message = TargetUrl::parse(&url).err().expect("it is refused").to_string();
            assert!(message.len() < 250, "{message}");
        }
    }

    #[test]
    fn a_query_is_not_shown() {
        let target = TargetUrl::parse("http://host:1/p?token=x").unwrap();
        assert_eq!(format!("{:?}", RedactedUrl(&target.url)), "http://host:1/p?...");
    }
}
