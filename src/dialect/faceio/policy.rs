use std::{sync::LazyLock, time::Duration};

use crate::{
    dialect::parse_error::Sender,
    policy::{Attempts, Policy, Retry, Success},
    signature::{Bearer, InvalidToken, Secret},
    webhook::{Framing, Profile},
};

/// What a receiver should do with a delivery of FACEIO that it cannot read.
pub(super) static SENDER: Sender = Sender {
    damaged: "store the body, because no repetition of a delivery is documented",
    unreadable: "answer with 200 and store the body, because no repetition of a refused delivery \
                 is documented",
};

/// Returns the delivery policy of FACEIO.
///
/// | part | rule | source |
/// |---|---|---|
/// | batch | 1 event | documented |
/// | timeout | 6 s, then the connection is aborted | documented |
/// | attempts | 1 | inferred: no retry is documented |
/// | success | any 2xx | inferred: no rule is documented |
///
/// ```
/// use recohook::policy::{Attempts, Retry};
/// use std::time::Duration;
///
/// let policy = recohook::faceio::policy();
/// assert_eq!(policy.timeout(), Duration::from_secs(6));
///
/// // For a host that prefers to retry:
/// let patient = policy.with_retry(Retry::default().with_attempts(Attempts::at_most(5)?));
/// # assert_eq!(patient.retry().attempts(), Attempts::at_most(5)?);
/// # Ok::<(), recohook::policy::PolicyError>(())
/// ```
pub fn policy() -> Policy {
    Policy::default()
        .with_retry(Retry::default().with_attempts(Attempts::at_most(1).expect("1 is not 0")))
        .with_success(Success::Any2xx)
        .with_timeout(Duration::from_secs(6))
        .expect("the documented timeout is valid")
}

/// Returns the delivery profile of FACEIO. It combines [`policy`] with a body that is one event as
/// a JSON object (documented).
///
/// The system always sends the header `WWW-Authenticate` (documented). [`signer`] sets it, and
/// [`Webhook::lint`](crate::Webhook::lint) warns about a webhook without signers.
///
/// ```
/// use recohook::{Filter, Webhook, faceio, signature::Secret};
///
/// let webhook = Webhook::new("https://example.com/faceio", Filter::everything(&faceio::FILTERS))?
///     .with_profile(faceio::profile())
///     .with_signer(faceio::signer(&Secret::new("the-application-token")?)?);
/// assert_eq!(webhook.policy().timeout().as_secs(), 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn profile() -> Profile {
    // The profile is created only once, so that all webhooks share one allocation.
    static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
        Profile::default()
            .with_policy(policy())
            .with_framing(Framing::Object)
            .with_signature_header("WWW-Authenticate")
            .expect("the documented header is valid")
    });
    PROFILE.clone()
}

/// Returns the signer that sends the application's token in the header `WWW-Authenticate` of every
/// request (documented). The value of the header is `Bearer <token>` (inferred).
///
/// The token **proves nothing about the body**. If the receiver can check a signature, add one. See
/// [`Bearer`]. A receiver can use the returned value as its
/// [`Verifier`](crate::signature::Verifier).
///
/// ```
/// use recohook::faceio;
/// use recohook::http::HeaderMap;
/// use recohook::signature::{Received, Secret, Verifier};
///
/// let receiver = faceio::signer(&Secret::new("the-application-token")?)?;
/// let token = "Bearer the-application-token".parse()?;
/// let headers = HeaderMap::from_iter([("www-authenticate".parse()?, token)]);
/// assert!(receiver.verify(&Received::new(&headers, b"any body")).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns [`InvalidToken`] if the token contains a space or any other character that is not
/// visible ASCII.
pub fn signer(token: &Secret) -> Result<Bearer, InvalidToken> {
    let bearer = Bearer::new(token)?;
    Ok(bearer.with_header("WWW-Authenticate").expect("the documented header is valid"))
}
