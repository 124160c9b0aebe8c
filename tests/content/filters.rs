//! What filters, their lint and their explanations say.

use recohook::{
    Filter, Notification,
    attribute::{Attribute, Schema, Values},
    faceio,
    filter::{Hint, Key, Section, Table, WarningKind},
    findface::{lite, multi, security, security_2019},
    openbiometrics,
    raw::{Format, Reader},
};

#[test]
fn f1_lint_warns_about_values_that_no_document_has() {
    let lint = |text: &str| Filter::parse(text, &openbiometrics::FILTERS).unwrap().lint();
    for (name, nearest) in [
        ("face_machted", Some("face_matched")),
        ("FACE_MATCHED", Some("face_matched")),
        ("*", None),
        ("", None),
    ] {
        let warnings = lint(&format!(r#"{{"type_in": ["{name}", "face_matched"]}}"#));
        let [warning] = &warnings[..] else { panic!("{name}: {warnings:?}") };
        let WarningKind::UnknownValue { value, hint } = warning.kind() else {
            panic!("{name}: {warning}")
        };
        assert_eq!(value, name);
        match nearest {
            Some(nearest) => assert_eq!(hint, &Hint::Nearest(nearest.into())),
            None => assert!(matches!(hint, Hint::Known(names) if names.len() == 10), "{hint:?}"),
        }
    }
    assert_eq!(lint(r#"{"not": {"type": "door_opened"}}"#)[0].pointer(), "/not/type",);
    // Documented values, prefixes and attributes without known values.
    assert!(lint(r#"{"type_in": ["face_matched", "system_error"]}"#).is_empty());
    assert!(lint(r#"{"type_prefix": "face_", "source": "tracker"}"#).is_empty());
    let warnings = Filter::parse(r#"{"eventName": "ENROL"}"#, &faceio::FILTERS).unwrap().lint();
    assert_eq!(
        warnings[0].to_string(),
        r#"at /eventName: "ENROL" is not a documented value; did you mean "ENROLL"?"#,
    );
}

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

#[test]
fn f3_a_suggestion_never_changes_the_meaning() {
    let error = |text: &str| Filter::parse(text, &multi::FILTERS).unwrap_err();
    let hint = |text: &str| error(text).hint().cloned().unwrap();
    // Names that were renamed between the versions.
    let sections = &["human_episodes", "car_episodes"];
    assert_eq!(hint(r#"{"episodes": {}}"#), Hint::Renamed(sections));
    assert_eq!(
        error(r#"{"episodes": {}}"#).to_string(),
        r#"at /episodes: unknown section; here it is one of "human_episodes", "car_episodes""#,
    );
    assert_eq!(
        hint(r#"{"face_events": {"matched_dossier_in": [1]}}"#),
        Hint::Renamed(&["matched_card_in"])
    );
    // Neither the opposite bound nor another subject.
    for text in [
        r#"{"face_events": {"confidence_lte": 0.5}}"#,
        r#"{"car_events": {"cars_gte": 1}}"#,
        r#"{"areas": {"faces_gte": 1}}"#,
        r#"{"human_episodes": {"confidence_gte": 1}}"#,
    ] {
        assert!(matches!(hint(text), Hint::Known(_)), "{text}: {:?}", hint(text));
    }
    let names = vec!["face_matched".into(), "body_matched".into()];
    assert_eq!(hint(r#"{"human_episodes": {"matched": true}}"#), Hint::Known(names));
    // What lacks only a part is found.
    let make = Hint::Nearest("make_in".into());
    assert_eq!(hint(r#"{"car_events": {"make": ["nissan"]}}"#), make);
    let bounds = vec!["age_gte".into(), "age_lte".into()];
    assert_eq!(hint(r#"{"face_events": {"age": 3}}"#), Hint::Known(bounds));
    // Typos still have a suggestion.
    let camera = Hint::Nearest("camera_in".into());
    assert_eq!(hint(r#"{"areas": {"camrea_in": [3]}}"#), camera);
}

#[test]
fn f3_each_renamed_name_is_a_name_of_its_table() {
    for table in [
        &multi::FILTERS,
        &security::FILTERS,
        &security_2019::FILTERS,
        &lite::FILTERS,
        &lite::FILTERS_REALTIME_IS_ALL,
    ] {
        let sections = table.sections();
        let names = Vec::from_iter(
            sections
                .iter()
                .flat_map(|section| section.keys().iter().map(|key| key.name()))
                .chain(sections.iter().map(|section| section.name())),
        );
        assert!(!table.renamed_names().is_empty());
        for (other, here) in table.renamed_names() {
            assert!(!names.contains(other), "{other} is a name of this table");
            assert!(here.iter().all(|name| names.contains(name)), "{other}: {here:?}");
        }
    }
}

#[test]
#[should_panic = "an `is` key can only test a boolean"]
fn an_is_key_needs_a_boolean() {
    static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    let keys = Box::leak(Box::new([Key::is("door", PASSAGES.expect("door"))]));
    Section::new("passages", &PASSAGES, keys);
}

/// Explains the filter for a notification, once as the model sees it and once as a reader does.
/// Asserts that both explanations are the same, and returns the line of the first key.
fn explained<N: Notification>(
    parse: fn(&[u8]) -> Result<Vec<N>, recohook::model::ParseError>,
    format: &'static Format,
    table: &'static Table,
    body: &str,
    filter: &str,
) -> String {
    let filter = Filter::parse(filter, table).unwrap();
    let [typed] = &parse(body.as_bytes()).unwrap()[..] else { panic!("one notification") };
    let mut values = Values::new();
    values.reset(typed.schema());
    typed.attributes(&mut values);
    let explained = filter.explain(&values).to_string();
    let mut reader = Reader::new(format);
    let raw = reader.read(body.as_bytes()).unwrap();
    assert_eq!(filter.explain(raw.values()).to_string(), explained, "{body}");
    // What a notifier sees is a copy.
    let mut copy = Values::new();
    copy.reset(raw.schema());
    raw.attributes(&mut copy);
    assert_eq!(filter.explain(&copy).to_string(), explained, "{body}");
    explained.lines().nth(1).unwrap().split_once(": ").unwrap().1.to_owned()
}

#[test]
fn f2_an_explanation_says_what_it_saw() {
    let security = |body: &str, filter: &str| {
        let (parse, format) = (security::parse_delivery, &security::RAW);
        explained(parse, format, &security::FILTERS, body, filter)
    };
    let filter = r#"{"events": {"matched_lists_in": [4]}}"#;
    for (lists, seen) in [
        (r#", "matched_lists": []"#, "an empty list"),
        (r#", "matched_lists": null"#, "null or missing"),
        ("", "null or missing"),
        (r#", "matched_lists": [4]"#, "[4]"),
    ] {
        let body = format!(r#"{{"id": "1", "webhook_type": "events"{lists}}}"#);
        assert_eq!(security(&body, filter), format!("matched_lists is {seen}"));
    }

    let openbiometrics = |kind: &str, similarity: &str| {
        let body =
            format!(r#"{{"id": "1", "type": "{kind}", "data": {{"similarity": {similarity}}}}}"#);
        let (parse, format) = (openbiometrics::parse_delivery, &openbiometrics::RAW);
        let filter = r#"{"similarity_gte": 0.5}"#;
        explained(parse, format, &openbiometrics::FILTERS, &body, filter)
    };
    for (similarity, seen) in [
        (r#""0.93""#, "a text, not a number"),
        ("true", "a boolean, not a number"),
        ("[0.93]", "a list, not a number"),
        ("{}", "an object, not a number"),
        ("null", "null or missing"),
        ("0.93", "0.93"),
    ] {
        assert_eq!(openbiometrics("face_matched", similarity), format!("similarity is {seen}"));
    }
    assert_eq!(
        openbiometrics("line_crossed", "0.93"),
        "similarity is not read in notifications of this kind"
    );

    let faceio = |details: &str| {
        let body = format!(r#"{{"eventName": "ENROLL", "facialId": "f", "details": {details}}}"#);
        let (parse, format) = (faceio::parse_delivery, &faceio::RAW);
        explained(parse, format, &faceio::FILTERS, &body, r#"{"age_gte": 18}"#)
    };
    assert_eq!(faceio(r#"{"age": "about 30"}"#), "age is a text, not a number");
    assert_eq!(faceio(r#"{"age": "31"}"#), "age is 31");
    assert_eq!(faceio("[]"), "age is null or missing");

    let multi = |feature: &str| {
        let body = format!(
            r#"{{"id": "1", "webhook_type": "face_events", "features": {{"age": {feature}}}}}"#
        );
        let (parse, format) = (multi::parse_delivery, &multi::RAW);
        let filter = r#"{"face_events": {"age_gte": 18}}"#;
        explained(parse, format, &multi::FILTERS, &body, filter)
    };
    assert_eq!(multi(r#"{"name": "31"}"#), "age is a text, not a number");
    assert_eq!(multi("null"), "age is null or missing");
    assert_eq!(multi(r#"{"confidence": 1}"#), "age is null or missing");
}
