use std::fmt;

use http::{HeaderName, StatusCode};

use super::Webhook;

/// A warning about the delivery settings of a webhook.
///
/// Warnings are returned by [`Webhook::lint`]. A webhook with warnings can be registered and works
/// exactly as its settings say. `Display` writes a one-line message for the person who registers
/// the webhook.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum WebhookWarning {
    /// These statuses count as failures, although most receivers use them for success.
    RefusedSuccess(Vec<StatusCode>),
    /// The system always sends this header, but the webhook has no signer to set it.
    MissingSigner(HeaderName),
}

impl Webhook {
    /// Returns warnings about delivery settings that receivers often do not expect.
    ///
    /// Call this method when a webhook is registered, and show the warnings to the person who
    /// registers it. [`Filter::lint`](crate::Filter::lint) does the same for the filter.
    ///
    /// ```
    /// use recohook::findface::security;
    /// use recohook::policy::Success;
    /// use recohook::{Filter, Webhook};
    ///
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))?
    ///     .with_profile(security::profile());
    /// assert_eq!(
    ///     webhook.lint()[0].to_string(),
    ///     "the statuses 201, 202 and 204 count as failures, and the notifications are sent again; \
    ///      let the receiver answer with 200, or change the policy's success rule",
    /// );
    ///
    /// let policy = security::policy().with_success(Success::Any2xx);
    /// assert!(webhook.with_policy(policy).lint().is_empty());
    /// # Ok::<(), recohook::WebhookError>(())
    /// ```
    pub fn lint(&self) -> Vec<WebhookWarning> {
        const USUAL: [StatusCode; 3] =
            [StatusCode::CREATED, StatusCode::ACCEPTED, StatusCode::NO_CONTENT];
        let success = self.policy().success();
        let refused = USUAL.into_iter().filter(|status| !success.accepts(*status));
        let refused = Some(Vec::from_iter(refused)).filter(|refused| !refused.is_empty());
        let unsigned = self.profile().signature_header().filter(|_| self.signers().is_empty());
        refused
            .map(WebhookWarning::RefusedSuccess)
            .into_iter()
            .chain(unsigned.cloned().map(WebhookWarning::MissingSigner))
            .collect()
    }
}

impl fmt::Display for WebhookWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RefusedSuccess(statuses) => {
                let (count, last) = (statuses.len(), statuses.len().saturating_sub(1));
                f.write_str(if count == 1 { "the status " } else { "the statuses " })?;
                for (at, status) in statuses.iter().enumerate() {
                    let before = match at {
                        0 => "",
                        _ if at == last => " and ",
                        _ => ", ",
                    };
                    write!(f, "{before}{}", status.as_u16())?;
                }
                f.write_str(if count == 1 {
                    " counts as a failure"
                } else {
                    " count as failures"
                })?;
                f.write_str(
                    ", and the notifications are sent again; let the receiver answer with 200, or \
                     change the policy's success rule",
                )
            }
            Self::MissingSigner(name) => write!(
                f,
                "the system always sends the header {name}, but no signer sets it; add the system's \
                 signer"
            ),
        }
    }
}
