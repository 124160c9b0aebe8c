//! Signing and verifying, through the public API.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::time::{Duration, SystemTime};

use recohook::{
    HeaderError,
    http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION},
    signature::{
        Bearer, HmacSha256, InvalidToken, Message, Received, Secret, SignError, Signer, Verifier,
        VerifyError,
    },
};

const HEADER: HeaderName = HeaderName::from_static("x-signature-256");

fn scheme(secret: impl Into<Vec<u8>>) -> HmacSha256 {
    HmacSha256::new(&Secret::new(secret).unwrap())
}

fn sign(signer: &dyn Signer, body: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    signer.sign(&Message::new(body, "delivery-1", SystemTime::UNIX_EPOCH), &mut headers).unwrap();
    headers
}

fn verify(verifier: &dyn Verifier, headers: &HeaderMap, body: &[u8]) -> Result<(), VerifyError> {
    verifier.verify(&Received::new(headers, body))
}

/// All test cases of RFC 4231, section 4, except the truncated one.
#[test]
fn the_test_cases_of_rfc_4231() {
    let counting: Vec<u8> = (1..=25).collect();
    let cases: [(&[u8], &[u8], &str); 6] = [
        (
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            &counting,
            &[0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            &[0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size \
              data. The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (secret, body, expected) in cases {
        let scheme = scheme(secret).with_prefix("").unwrap();
        let headers = sign(&scheme, body);
        assert_eq!(headers[HEADER], expected);
        assert_eq!(verify(&scheme, &headers, body), Ok(()));
    }
}

/// The signatures are computed with Python's `hmac` module.
#[test]
fn signatures_equal_those_of_another_implementation() {
    let cases: [(&[u8], &[u8], &str); 4] = [
        (
            b"It's a Secret to Everybody",
            b"Hello, World!",
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
        (b"k", b"", "8bb990c40a7d61cb97597a942125025be50ac8beb74436e3735b98893a7f6620"),
        (
            "ключ".as_bytes(),
            "[{\"имя\": \"Ёж\"}]".as_bytes(),
            "aef292e7decfa43c9539eef355f05f1788881d8437c890c9af94b3a17729850f",
        ),
        (
            &[0x00, 0xff],
            &[0; 65536],
            "7f94f704ff2887f1084ef160970d144767bf5e4e1d79c3c5215dff993d768687",
        ),
    ];
    for (secret, body, expected) in cases {
        let headers = sign(&scheme(secret), body);
        assert_eq!(headers[HEADER], format!("sha256={expected}"));
        assert_eq!(headers.len(), 1);
    }
}

#[test]
fn the_host_can_choose_header_and_prefix() {
    let name = "x-hub-signature";
    let scheme = scheme("secret").with_header(name).unwrap().with_prefix("v1, ").unwrap();
    let headers = sign(&scheme, b"[]");
    assert!(headers[name].as_bytes().starts_with(b"v1, "));
    assert_eq!(headers[name].len(), 4 + 64);
    assert_eq!(verify(&scheme, &headers, b"[]"), Ok(()));
}

#[test]
fn hex_of_either_case_is_accepted_and_the_prefix_is_exact() {
    let scheme = scheme("secret");
    let signed = sign(&scheme, b"[]");
    let text = signed[HEADER].to_str().unwrap();
    let verify = |value: String| {
        let value = HeaderValue::try_from(value).unwrap();
        verify(&scheme, &HeaderMap::from_iter([(HEADER, value)]), b"[]")
    };
    let digits = text.strip_prefix("sha256=").unwrap();
    assert_eq!(verify(format!("sha256={}", digits.to_uppercase())), Ok(()));
    assert_eq!(verify(text.to_uppercase()), Err(VerifyError::Malformed(HEADER)));
}

#[test]
fn an_invalid_signature_is_refused() {
    let scheme = scheme("secret");
    let signed = sign(&scheme, b"[]");
    assert_eq!(verify(&scheme, &signed, b"[ ]"), Err(VerifyError::Mismatch));
    assert_eq!(verify(&self::scheme("Secret"), &signed, b"[]"), Err(VerifyError::Mismatch));
    assert_eq!(verify(&scheme, &HeaderMap::new(), b"[]"), Err(VerifyError::Missing(HEADER)));

    let mut twice = signed.clone();
    scheme.sign(&Message::new(b"[]", "delivery-1", SystemTime::UNIX_EPOCH), &mut twice).unwrap();
    assert_eq!(verify(&scheme, &twice, b"[]"), Err(VerifyError::Several(HEADER)));

    let text = signed[HEADER].to_str().unwrap();
    let malformed: [&[u8]; 6] = [
        b"",
        b"sha256=",
        &text.as_bytes()[7..],
        &text.as_bytes()[..text.len() - 2],
        &[text.as_bytes(), b"00"].concat(),
        b"sha256=\xff\xff",
    ];
    for value in malformed {
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_bytes(value).unwrap())]);
        assert_eq!(verify(&scheme, &headers, b"[]"), Err(VerifyError::Malformed(HEADER)));
    }
}

#[test]
fn every_bit_of_the_signature_counts() {
    let scheme = scheme("secret");
    let signed = sign(&scheme, b"[]");
    let mac = hex::decode(&signed[HEADER].as_bytes()[7..]).unwrap();
    for bit in 0..mac.len() * 8 {
        let mut other = mac.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        let value = HeaderValue::try_from(format!("sha256={}", hex::encode(other))).unwrap();
        let headers = HeaderMap::from_iter([(HEADER, value)]);
        assert_eq!(verify(&scheme, &headers, b"[]"), Err(VerifyError::Mismatch));
    }
}

/// The body of the signatures below. Python computed them as `hmac.new(key, body, hashlib.sha256)`
/// with the key's UTF-8 bytes.
const EVENT: &str = "{\"id\":\"evt_1\",\"type\":\"face_matched\",\"data\":{\"label\":\"Ёж\"}}";

#[test]
fn the_key_is_the_whole_secret_and_the_prefix_may_be_empty() {
    let scheme = scheme("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
        .with_header("X-Signature-SHA256")
        .unwrap()
        .with_prefix("")
        .unwrap();
    let headers = sign(&scheme, EVENT.as_bytes());
    let expected = "36bfc59f3c33d28d152a4b7066687df11f0e2973937cf8e2d1b7c4eb2ddd7a00";
    assert_eq!(headers["x-signature-sha256"], expected);
    assert_eq!(verify(&scheme, &headers, EVENT.as_bytes()), Ok(()));
    let changed = EVENT.replace('1', "2");
    assert_eq!(verify(&scheme, &headers, changed.as_bytes()), Err(VerifyError::Mismatch));
}

#[test]
fn former_secrets_are_accepted_and_never_used_to_sign() {
    let current = "4c678fd9f0d562ad2f57e03a642febb3290ad148d75c2488e5588cbb75738d74";
    let former = "cba384179988c86be19ec8a4db528d3ce6eb44a340ae1af145d309faad87edd8";
    let plain = scheme("current");
    let rotated = plain
        .clone()
        .with_former_secret(&Secret::new("former").unwrap())
        .with_former_secret(&Secret::new("older").unwrap());
    assert_eq!(sign(&rotated, EVENT.as_bytes())[HEADER], format!("sha256={current}"));
    let with = |signature: &str| {
        let value = HeaderValue::try_from(format!("sha256={signature}")).unwrap();
        HeaderMap::from_iter([(HEADER, value)])
    };
    for (signature, by_plain) in [(current, Ok(())), (former, Err(VerifyError::Mismatch))] {
        assert_eq!(verify(&rotated, &with(signature), EVENT.as_bytes()), Ok(()));
        assert_eq!(verify(&plain, &with(signature), EVENT.as_bytes()), by_plain);
    }
    let never = sign(&scheme("never"), EVENT.as_bytes());
    assert_eq!(verify(&rotated, &never, EVENT.as_bytes()), Err(VerifyError::Mismatch));
}

#[test]
fn headers_and_prefixes_that_cannot_be_sent_are_refused() {
    let bearer = || Bearer::new(&Secret::new("t0ken").unwrap()).unwrap();
    for (name, kind) in [
        ("", "header_name"),
        ("x y", "header_name"),
        ("Content-Length", "reserved_header"),
        ("content-type", "reserved_header"),
    ] {
        assert_eq!(scheme("k").with_header(name).unwrap_err().kind(), kind, "{name}");
        assert_eq!(bearer().with_header(name).unwrap_err().kind(), kind, "{name}");
    }
    for prefix in ["a\nb", "é", " v1=", "\t"] {
        let error = scheme("k").with_prefix(prefix).unwrap_err();
        assert_eq!(error, HeaderError::Value { name: HEADER }, "{prefix:?}");
    }
}

#[test]
fn a_token_is_written_into_its_header_and_marked_as_sensitive() {
    let token = Secret::new("t0ken~+/=").unwrap();
    let headers = sign(&Bearer::new(&token).unwrap(), b"[]");
    assert_eq!(headers[AUTHORIZATION], "Bearer t0ken~+/=");
    assert!(headers[AUTHORIZATION].is_sensitive());
    let headers = sign(&Bearer::new(&token).unwrap().with_header("WWW-Authenticate").unwrap(), b"");
    assert_eq!(headers["www-authenticate"], "Bearer t0ken~+/=");
    assert_eq!(headers.len(), 1);
    for token in ["two words", " ", "line\n", "é", "tab\t"] {
        let refused = Bearer::new(&Secret::new(token).unwrap());
        assert_eq!(refused.unwrap_err(), InvalidToken, "{token:?}");
    }
}

#[test]
fn only_the_whole_token_is_accepted() {
    let bearer = Bearer::new(&Secret::new("t0ken").unwrap()).unwrap();
    let with = |value: &str| {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        HeaderMap::from_iter([(AUTHORIZATION, value)])
    };
    for value in ["Bearer t0ken", "bearer t0ken", "BEARER  t0ken"] {
        assert_eq!(verify(&bearer, &with(value), b"any body"), Ok(()), "{value}");
    }
    for value in ["Bearer t0ke", "Bearer t0kenn", "Bearer T0KEN", "Bearer t0ken x", "Bearer é"] {
        assert_eq!(verify(&bearer, &with(value), b"[]"), Err(VerifyError::Mismatch), "{value}");
    }
    for value in ["", "t0ken", "Bearer", "Bearer ", "Bearert0ken", "Bearer\tt0ken", "Basic t0ken"] {
        let refused = verify(&bearer, &with(value), b"[]");
        assert_eq!(refused, Err(VerifyError::Malformed(AUTHORIZATION)), "{value}");
    }
    let missing = verify(&bearer, &HeaderMap::new(), b"[]");
    assert_eq!(missing, Err(VerifyError::Missing(AUTHORIZATION)));
    let mut twice = with("Bearer t0ken");
    twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer t0ken"));
    assert_eq!(verify(&bearer, &twice, b"[]"), Err(VerifyError::Several(AUTHORIZATION)));
}

/// A scheme that signs the time, with two secrets and three headers. The traits must allow it.
struct Timed(HmacSha256, HmacSha256);

const TIMESTAMP: HeaderName = HeaderName::from_static("x-timestamp");

impl Signer for Timed {
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
        let sent = message.wall().duration_since(SystemTime::UNIX_EPOCH).map_err(SignError::new)?;
        let signed = [format!("{}.", sent.as_secs()).as_bytes(), message.body()].concat();
        let covered = Message::new(&signed, message.delivery(), message.wall());
        self.0.sign(&covered, headers)?;
        self.1.sign(&covered, headers)?;
        headers.insert(TIMESTAMP, sent.as_secs().into());
        Ok(())
    }
}

impl Verifier for Timed {
    fn verify(&self, received: &Received<'_>) -> Result<(), VerifyError> {
        let sent = received.header(&TIMESTAMP)?.to_str().ok().and_then(|text| text.parse().ok());
        let sent = sent.ok_or(VerifyError::Malformed(TIMESTAMP))?;
        let signed = [format!("{sent}.").as_bytes(), received.body()].concat();
        let covered = Received::new(received.headers(), &signed);
        self.0.verify(&covered).or_else(|_| self.1.verify(&covered))?;
        let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(sent);
        let age = received.wall().duration_since(sent).unwrap_or_else(|early| early.duration());
        if age <= Duration::from_secs(300) { Ok(()) } else { Err(VerifyError::Expired) }
    }
}

#[test]
fn a_host_can_compose_its_own_scheme() {
    let old = scheme("old").with_header("x-old").unwrap();
    let new = scheme("new").with_header("x-new").unwrap();
    let timed = Timed(old.clone(), new.clone());
    let headers = sign(&timed, b"[]");
    assert_eq!(headers[TIMESTAMP], "0");
    assert_eq!(verify(&old, &headers, b"0.[]"), Ok(()));
    assert_eq!(verify(&new, &headers, b"0.[]"), Ok(()));

    let other = Timed(scheme("other").with_header("x-old").unwrap(), new);
    for (verifier, seconds, expected) in
        [(&timed, 300, Ok(())), (&timed, 301, Err(VerifyError::Expired)), (&other, 0, Ok(()))]
    {
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let received = Received::new(&headers, b"[]").at(wall);
        assert_eq!(verifier.verify(&received), expected, "{seconds}");
    }
    // The default time of receipt is now, which is long after the signature.
    assert_eq!(verify(&timed, &headers, b"[]"), Err(VerifyError::Expired));
    let early = Message::new(b"[]", "delivery-1", SystemTime::UNIX_EPOCH - Duration::from_secs(1));
    let error = timed.sign(&early, &mut HeaderMap::new()).unwrap_err();
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(error.kind(), "sign_failed");
}

#[test]
fn secrets_are_read_from_texts_and_no_error_shows_them() {
    let secret: Secret = serde_json::from_str(r#""whsec_\u00e9\n""#).unwrap();
    assert_eq!(secret.expose(), "whsec_é\n".as_bytes());
    for text in ["\"\"", "123123", "-123123", "1.23123", "null", "[123123]", "{\"a\":123123}"] {
        let error = serde_json::from_str::<Secret>(text).unwrap_err().to_string();
        assert!(error.contains("secret") && !error.contains("23123"), "{text}: {error}");
    }
}

#[test]
fn nothing_prints_a_secret() {
    let secret = Secret::new("hunter2").unwrap();
    let scheme = HmacSha256::new(&secret).with_former_secret(&secret);
    let bearer = Bearer::new(&secret).unwrap();
    let headers = sign(&bearer, b"hunter2");
    let received = Received::new(&headers, b"hunter2");
    let printed = format!("{secret:?} {scheme:?} {bearer:?} {received:?} {headers:?}");
    assert!(!printed.contains("hunter2") && !printed.contains(&format!("{:?}", b"hunter2")));
    assert!(printed.starts_with("Secret(..) HmacSha256 { header: \"x-signature-256\", "));
    assert_eq!(Secret::new(Vec::new()).unwrap_err().kind(), "empty_secret");
}
