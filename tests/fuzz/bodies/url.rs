//! Checks that any text is a URL to which a request can be sent, or an error.

use recohook::{Webhook, WebhookError, http::Uri};

use super::{assert_one_line, systems::any_filter};

/// Takes the text of a URL.
pub(crate) fn check(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    match webhook(text) {
        Ok(webhook) => check_url(text, &webhook),
        Err(error) => {
            let message = error.to_string();
            assert_one_line(&message);
            // The message quotes the host at most, and may escape some of its characters.
            assert!(message.len() <= 200 + 2 * text.len(), "the message is too long: {message}");
        }
    }
}

fn webhook(url: &str) -> Result<Webhook, WebhookError> {
    Webhook::new(url, any_filter())
}

/// Checks that the text of a URL is kept, and that the URL has all parts that a request needs.
fn check_url(text: &str, accepted: &Webhook) {
    let url = accepted.url();
    assert_eq!(accepted.url_text(), text, "the text has changed");
    let again = webhook(&url.to_string());
    let again = again.unwrap_or_else(|error| panic!("{url} of {text:?} is refused: {error}"));
    assert_eq!(again.url(), url, "the URL {text:?} has changed");

    assert!(matches!(url.scheme_str(), Some("http" | "https")), "{text:?} has a wrong scheme");
    let authority = url.authority().expect("the URL should have an authority").as_str();
    assert!(!authority.contains('@'), "{text:?} contains credentials");
    check_authority(text, url, authority);
    assert!(url.to_string().is_ascii(), "{url} is not encoded");
}

fn check_authority(text: &str, url: &Uri, authority: &str) {
    assert!(!authority.split(':').next().is_some_and(|host| host.ends_with('.')), "{url}");
    assert!(url.host().is_some_and(|host| !host.is_empty()), "{text:?} has no host");
    match url.port() {
        Some(port) => {
            let number = url.port_u16();
            assert!(
                number.is_some_and(|number| number > 0),
                "{text:?} has the invalid port {port}"
            );
        }
        None => assert!(!authority.ends_with(':'), "{text:?} has an empty port"),
    }
}
