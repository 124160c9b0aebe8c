//! What filters, their lint and their explanations say.

use recohook::{Filter, findface::security};

#[test]
fn f4_errors_give_the_remedy_for_other_languages() {
    let error = |text: &str| Filter::parse(text, &security::FILTERS).unwrap_err().to_string();
    for (text, remedy) in [
        ("{'events': {'matched': True}}", "use double quotes"),
        (r#"{"events": {"matched": True}}"#, "write true"),
        (r#"{"events": {"matched": False}}"#, "write false"),
        (r#"{"events": None}"#, "write null"),
        (r#"{"events": undefined}"#, "write null"),
        ("{\u{201c}events\u{201d}: {}}", "use plain double quotes instead of typographic ones"),
        ("{events: {}}", "write keys in double quotes"),
        ("{\"events\": {} // all\n}", "JSON has no comments; remove it"),
        ("{\"events\": {}} # all", "JSON has no comments; remove it"),
        ("{\"events\": {\"camera_in\": (1, 2)}}", "write lists in square brackets"),
    ] {
        let error = error(text);
        assert!(error.ends_with(&format!("; {remedy}")), "{text}: {error}");
        assert!(error.starts_with("line "), "{text}: {error}");
    }
    // The parser's own words are enough.
    assert_eq!(error(r#"{"events": {},}"#), "line 1 column 15: not valid JSON: trailing comma");
}
