//! Signing and verifying, through the public API.

use std::time::SystemTime;

use recohook::{
    http::{HeaderMap, HeaderName, HeaderValue},
    signature::{HmacSha256, Message, Secret, Signer, VerifyError},
};

const HEADER: HeaderName = HeaderName::from_static("x-signature-256");

fn scheme(secret: impl Into<Vec<u8>>) -> HmacSha256 {
    HmacSha256::new(&Secret::new(secret).unwrap())
}

fn sign(signer: &dyn Signer, body: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    signer.sign(&Message::new(body, "delivery-1", SystemTime::UNIX_EPOCH), &mut headers);
    headers
}

/// RFC 4231, section 4: all cases but the truncated one.
#[test]
fn rfc_4231() {
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
        let scheme = scheme(secret).with_prefix(HeaderValue::from_static(""));
        let headers = sign(&scheme, body);
        assert_eq!(headers[HEADER], expected);
        assert_eq!(scheme.verify(&headers, body), Ok(()));
    }
}

/// Computed with Python's `hmac` module.
#[test]
fn another_implementation_gives_the_same() {
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
fn header_and_prefix_are_the_hosts_choice() {
    let name = HeaderName::from_static("x-hub-signature");
    let scheme =
        scheme("secret").with_header(name.clone()).with_prefix(HeaderValue::from_static("v1,"));
    let headers = sign(&scheme, b"[]");
    assert!(headers[&name].as_bytes().starts_with(b"v1,"));
    assert_eq!(headers[&name].len(), 3 + 64);
    assert_eq!(scheme.verify(&headers, b"[]"), Ok(()));
}

#[test]
fn hex_of_either_case_is_accepted_and_the_prefix_is_exact() {
    let scheme = scheme("secret");
    let signed = sign(&scheme, b"[]");
    let text = signed[HEADER].to_str().unwrap();
    let verify = |value: String| {
        let value = HeaderValue::try_from(value).unwrap();
        scheme.verify(&HeaderMap::from_iter([(HEADER, value)]), b"[]")
    };
    let digits = text.strip_prefix("sha256=").unwrap();
    assert_eq!(verify(format!("sha256={}", digits.to_uppercase())), Ok(()));
    assert_eq!(verify(text.to_uppercase()), Err(VerifyError::Malformed(HEADER)));
}

#[test]
fn what_is_not_signed_is_refused() {
    let scheme = scheme("secret");
    let signed = sign(&scheme, b"[]");
    assert_eq!(scheme.verify(&signed, b"[ ]"), Err(VerifyError::Mismatch));
    assert_eq!(self::scheme("Secret").verify(&signed, b"[]"), Err(VerifyError::Mismatch));
    assert_eq!(scheme.verify(&HeaderMap::new(), b"[]"), Err(VerifyError::Missing(HEADER)));

    let mut twice = signed.clone();
    scheme.sign(&Message::new(b"[]", "delivery-1", SystemTime::UNIX_EPOCH), &mut twice);
    assert_eq!(scheme.verify(&twice, b"[]"), Err(VerifyError::Several(HEADER)));

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
        assert_eq!(scheme.verify(&headers, b"[]"), Err(VerifyError::Malformed(HEADER)));
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
        assert_eq!(scheme.verify(&headers, b"[]"), Err(VerifyError::Mismatch));
    }
}

/// A scheme over time and delivery, with two secrets and two headers: the trait has room for it.
struct Rotating(HmacSha256, HmacSha256);

impl Signer for Rotating {
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) {
        let sent = message.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let signed =
            [format!("{}.{sent}.", message.delivery()).as_bytes(), message.body()].concat();
        let covered = Message::new(&signed, message.delivery(), message.wall());
        self.0.sign(&covered, headers);
        self.1.sign(&covered, headers);
        headers.insert("x-timestamp", sent.into());
    }
}

#[test]
fn a_scheme_of_the_hosts_own_composes() {
    let old = scheme("old").with_header(HeaderName::from_static("x-old"));
    let new = scheme("new").with_header(HeaderName::from_static("x-new"));
    let headers = sign(&Rotating(old.clone(), new.clone()), b"[]");
    assert_eq!(headers["x-timestamp"], "0");
    assert_eq!(old.verify(&headers, b"delivery-1.0.[]"), Ok(()));
    assert_eq!(new.verify(&headers, b"delivery-1.0.[]"), Ok(()));
}

#[test]
fn nothing_prints_a_secret() {
    let secret = Secret::new("hunter2").unwrap();
    let printed = format!("{secret:?} {:?}", HmacSha256::new(&secret));
    assert!(!printed.contains("hunter2") && !printed.contains(&format!("{:?}", b"hunter2")));
    assert_eq!(
        printed,
        r#"Secret(..) HmacSha256 { header: "x-signature-256", prefix: "sha256=", .. }"#
    );
    assert!(Secret::new(Vec::new()).is_err());
}
