use crate::signature::{HmacSha256, Secret};

/// Returns the documented signer. It sends the HMAC-SHA256 of the raw body as `X-Signature-256:
/// sha256=<64 hex digits>`.
///
/// The key is the whole text of the secret. A leading `whsec_` is part of the key, and nothing is
/// decoded. A receiver can use the returned value as its [`Verifier`](crate::signature::Verifier).
///
/// ```
/// use recohook::http::HeaderMap;
/// use recohook::openbiometrics;
/// use recohook::signature::{Received, Secret, Verifier};
///
/// let body = br#"{"id":"evt_1"}"#;
/// let signature = "sha256=a0c0e29f9be56abfc04c4094da171d4b9c8f4f04c5b2a5967cf08f1bdbe455c1";
/// let headers = HeaderMap::from_iter([("x-signature-256".parse()?, signature.parse()?)]);
///
/// let receiver = openbiometrics::signer(&Secret::new("whsec_your_signing_secret")?);
/// receiver.verify(&Received::new(&headers, body))?;
/// assert!(receiver.verify(&Received::new(&headers, b"{}")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn signer(secret: &Secret) -> HmacSha256 {
    scheme(secret, "X-Signature-256", "sha256=")
}

/// Returns the signer that the engine's own source code uses instead. It sends `X-Signature-SHA256:
/// <64 hex digits>`, without a prefix. Use it for receivers that were written against the engine.
///
/// A webhook can use both signers, because they set different headers.
///
/// ```
/// use recohook::openbiometrics::{EventType, Registration, UrlRule, engine_signer};
/// use recohook::signature::Secret;
///
/// let secret = Secret::new("whsec_your_signing_secret")?;
/// let registration = Registration::new("https://example.com/", [EventType::FaceMatched]);
/// let webhook = registration
///     .with_secret(secret.clone())
///     .to_webhook(UrlRule::Https)?
///     .with_signer(engine_signer(&secret));
/// assert_eq!(webhook.signers().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn engine_signer(secret: &Secret) -> HmacSha256 {
    scheme(secret, "X-Signature-SHA256", "")
}

// The headers and prefixes are constants in this file, so they are known to be valid.
fn scheme(secret: &Secret, header: &str, prefix: &str) -> HmacSha256 {
    HmacSha256::new(secret)
        .with_header(header)
        .and_then(|scheme| scheme.with_prefix(prefix))
        .expect("the header and the prefix are valid")
}
