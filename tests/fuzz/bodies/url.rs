//! Any text is a URL that a request can be sent to, or an error.

use recohook::{Webhook, WebhookError, http::Uri};

use super::{assert_one_line, systems::any_filter};

/// The input is the text of a URL.
pub(crate) fn check(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    match webhook(text) {
        Ok(webhook) => check_url(text, &webhook),
        Err(error) => {
            let message = error.to_string();
            assert_one_line(&message);
            // It quotes the host at most, some of whose characters it escapes.
            assert!(message.len() <= 200 + 2 * text.len(), "the message is long: {message}");
        }
    }
}

fn webhook(url: &str) -> Result<Webhook, WebhookError> {
    Webhook::new(url, any_filter())
}

/// A URL is kept as it was given, and has all that a request needs.
fn check_url(text: &str, accepted: &Webhook) {
    let url = accepted.url();
    assert_eq!(accepted.url_text(), text, "the text is not kept");
    let again = webhook(&url.to_string());
    let again = again.unwrap_or_else(|error| panic!("{url} of {text:?} is refused: {error}"));
    assert_eq!(again.url(), url, "{text:?} is read again as another URL");

    assert!(matches!(url.scheme_str(), Some("http" | "https")), "the scheme of {text:?}");
    let authority = url.authority().expect("an absolute URL has one").as_str();
    assert!(!authority.contains('@'), "{text:?} holds credentials");
    if !has_brackets_within(authority) {
        check_authority(text, url, authority);
    }
}

/// Exempt, and to be refused one day: the parser accepts `http://a[::1]:5/`, `http://::[1]:10/`,
/// `http://:[1]/` and `http://a[]/`, and so does a webhook. No request can be sent there. Neither
/// host nor port of such an authority mean anything.
fn has_brackets_within(authority: &str) -> bool {
    authority.find('[').is_some_and(|at| at > 0)
}

fn check_authority(text: &str, url: &Uri, authority: &str) {
    assert!(url.host().is_some_and(|host| !host.is_empty()), "{text:?} has no host");
    match url.port() {
        Some(port) => {
            let number = url.port_u16();
            assert!(number.is_some_and(|number| number > 0), "the port {port} of {text:?}");
        }
        None => assert!(!authority.ends_with(':'), "the port of {text:?} is empty"),
    }
}
