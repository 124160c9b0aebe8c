//! Checks that a verifier accepts exactly the valid signatures and tokens, for any headers.

use std::{sync::LazyLock, time::SystemTime};

use recohook::{
    http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION},
    signature::{Bearer, HmacSha256, Message, Received, Secret, Signer, Verifier, VerifyError},
};

use super::assert_one_line;

const SIGNATURE: &str = "x-signature-256";
const TOKEN: &[u8] = b"tok-en";

/// Takes a request: lines of `name:value`, an empty line, and the body.
///
/// In a value, `$` is replaced by the hex digits of the valid signature, and `%` by those of the
/// signature with the former secret. A fuzzer could not compute them.
pub(crate) fn check(request: &[u8]) {
    let end = request.windows(2).position(|bytes| bytes == b"\n\n").unwrap_or(request.len());
    let body = request.get(end + 2..).unwrap_or_default();
    let digits = Digits { current: digits(&CURRENT, body), former: digits(&FORMER, body) };
    let headers = headers(&request[..end], &digits);
    let received = Received::new(&headers, body);

    check_result("the signature", CURRENT.verify(&received), {
        one_value(&headers, SIGNATURE)
            .and_then(|value| value.strip_prefix(b"sha256="))
            .is_some_and(|hex| hex.eq_ignore_ascii_case(&digits.current))
    });
    check_result("the signature with a former secret", EITHER.verify(&received), {
        one_value(&headers, SIGNATURE)
            .and_then(|value| value.strip_prefix(b"v1,"))
            .map(<[u8]>::to_ascii_lowercase)
            .is_some_and(|hex| hex == digits.current || hex == digits.former)
    });
    check_result("the token", BEARER.verify(&received), {
        one_value(&headers, AUTHORIZATION.as_str()).is_some_and(is_bearer_token)
    });
    check_signed(body);
}

/// The hex digits of the signatures of a body.
struct Digits {
    current: Vec<u8>,
    former: Vec<u8>,
}

static CURRENT: LazyLock<HmacSha256> = LazyLock::new(|| HmacSha256::new(&secret("key")));
static FORMER: LazyLock<HmacSha256> = LazyLock::new(|| HmacSha256::new(&secret("old")));
/// A scheme with another prefix, which also accepts the former secret.
static EITHER: LazyLock<HmacSha256> = LazyLock::new(|| {
    let scheme = HmacSha256::new(&secret("key")).with_former_secret(&secret("old"));
    scheme.with_prefix("v1,").expect("the prefix should be valid")
});
static BEARER: LazyLock<Bearer> = LazyLock::new(|| {
    let token = std::str::from_utf8(TOKEN).expect("the token should be UTF-8");
    Bearer::new(&secret(token)).expect("the token should be valid")
});

fn digits(scheme: &HmacSha256, body: &[u8]) -> Vec<u8> {
    let headers = signed(scheme, body);
    let digits = headers[SIGNATURE].as_bytes().strip_prefix(b"sha256=");
    digits.expect("the signature should start with its prefix").to_vec()
}

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("the secret should not be empty")
}

fn signed(signer: &impl Signer, body: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let message = Message::new(body, "delivery", SystemTime::UNIX_EPOCH);
    signer.sign(&message, &mut headers).expect("signing should succeed");
    headers
}

/// Returns the headers in the lines, without those that are invalid.
fn headers(lines: &[u8], digits: &Digits) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        let value = value.iter().flat_map(|byte| match byte {
            b'$' => digits.current.as_slice(),
            b'%' => digits.former.as_slice(),
            byte => std::slice::from_ref(byte),
        });
        let value = Vec::from_iter(value.copied());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::try_from(value))
        {
            headers.append(name, value);
        }
    }
    headers
}

/// Returns the value of a header if it occurs exactly once.
fn one_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none()).map(HeaderValue::as_bytes)
}

/// Returns `true` if a value is `Bearer`, spaces, and the token.
fn is_bearer_token(value: &[u8]) -> bool {
    value.split_at_checked(b"Bearer".len()).is_some_and(|(scheme, rest)| {
        scheme.eq_ignore_ascii_case(b"Bearer")
            && rest.starts_with(b" ")
            && rest.trim_ascii_start() == TOKEN
    })
}

#[track_caller]
fn check_result(name: &str, result: Result<(), VerifyError>, is_valid: bool) {
    match result {
        Ok(()) => assert!(is_valid, "{name} is accepted, but invalid"),
        Err(error) => {
            assert!(!is_valid, "{name} is refused, but valid: {error}");
            assert_one_line(&error.to_string());
        }
    }
}

/// Checks that a verifier accepts the header of its signer, and only for the signed body.
fn check_signed(body: &[u8]) {
    let headers = signed(&*CURRENT, body);
    assert_eq!(CURRENT.verify(&Received::new(&headers, body)), Ok(()));
    let changed = [body, b"."].concat();
    let result = CURRENT.verify(&Received::new(&headers, &changed));
    assert_eq!(result, Err(VerifyError::Mismatch), "the signature is accepted for another body");
    assert_eq!(BEARER.verify(&Received::new(&signed(&*BEARER, body), body)), Ok(()));
}
