//! The texts of explanations and warnings of filters.

use recohook::{
    Filter,
    attribute::{Attribute, Schema, Values},
    filter::{AttributeValue, Key, Section, Table, WarningKind},
};
use serde_json::json;

static PASSAGES: Schema = Schema::new(
    "passages",
    &[
        Attribute::int("door"),
        Attribute::text("badge"),
        Attribute::bool("granted"),
        Attribute::choice("direction", &["in", "out"]),
        Attribute::ints("zones"),
        Attribute::bool("mask"),
        Attribute::choice("mask_name", &["none", "correct"]),
        Attribute::number("mask_confidence"),
    ],
);

static NATIVE: Table = Table::flat(&Section::native(&PASSAGES));

static LISTED: Table = Table::flat(&Section::new(
    "passages",
    &PASSAGES,
    &[
        Key::one_of("door_in", PASSAGES.expect("door")),
        Key::group(
            "mask",
            PASSAGES.expect("mask"),
            &[
                Key::one_of("name", PASSAGES.expect("mask_name")).or_single(),
                Key::at_least("confidence_gte", PASSAGES.expect("mask_confidence")),
                Key::at_most("confidence_lte", PASSAGES.expect("mask_confidence")),
            ],
        ),
    ],
));

fn passage() -> Values {
    let mut values = Values::new();
    values.reset(&PASSAGES);
    values.int(PASSAGES.expect("door"), 7);
    values.text(PASSAGES.expect("badge"), "visitor-12");
    values.choice(PASSAGES.expect("direction"), "up");
    values.ints(PASSAGES.expect("zones"), [3, 5]);
    values.bool(PASSAGES.expect("mask"), true);
    values.choice(PASSAGES.expect("mask_name"), "none");
    values.number(PASSAGES.expect("mask_confidence"), 0.5);
    values
}

fn explain(text: &str, table: &'static Table) -> String {
    Filter::parse(text, table).expect("the filter should be valid").explain(&passage()).to_string()
}

fn lint(text: &str, table: &'static Table) -> Vec<String> {
    let warnings = Filter::parse(text, table).expect("the filter should be valid").lint();
    warnings.iter().map(|warning| warning.to_string()).collect()
}

#[test]
fn an_explanation_contains_the_keys_of_a_group() {
    let text = r#"{"mask": {"name": "none", "confidence_gte": 0.75}}"#;
    let filter = Filter::parse(text, &LISTED).unwrap();
    let explanation = filter.explain(&passage());
    let [group] = explanation.verdicts().unwrap() else { panic!("expected one key") };
    assert_eq!((group.pointer(), group.holds(), group.expected()), ("/mask", false, None));
    let [name, confidence] = group.children() else { panic!("expected two keys") };
    assert_eq!((name.pointer(), name.holds()), ("/mask/name", true));
    assert_eq!(
        (name.expected(), name.actual()),
        (Some(&json!(["none"])), Some(&AttributeValue::Name("none")))
    );
    assert_eq!((confidence.pointer(), confidence.holds()), ("/mask/confidence_gte", false));
    assert_eq!(confidence.expected(), Some(&json!(0.75)));
    assert_eq!(
        explanation.to_string(),
        "no match: \"passages\"\n\
         \x20 no   /mask\n\
         \x20   yes  /mask/name [\"none\"]: mask_name is \"none\"\n\
         \x20   no   /mask/confidence_gte 0.75: mask_confidence is 0.5\n"
    );
}

#[test]
fn an_explanation_contains_the_clauses_of_combinators() {
    let text = r#"{"door": 7, "any": [{"granted": true}, {"badge_prefix": "visitor-"}],
        "not": {"direction_in": ["in", "out"]}, "zones_not_in": [4]}"#;
    assert_eq!(
        explain(text, &NATIVE),
        "match: \"passages\"\n\
         \x20 yes  /door 7: door is 7\n\
         \x20 yes  /zones_not_in [4]: zones is [3, 5]\n\
         \x20 yes  /any\n\
         \x20   no   /any/0\n\
         \x20     no   /any/0/granted true: granted is null or missing\n\
         \x20   yes  /any/1\n\
         \x20     yes  /any/1/badge_prefix [\"visitor-\"]: badge is \"visitor-12\"\n\
         \x20 yes  /not\n\
         \x20   no   /not/direction_in [\"in\",\"out\"]: direction is some other name\n"
    );
}

#[test]
fn long_lists_are_shortened() {
    let text = json!({"door_in": Vec::from_iter(100..120)}).to_string();
    assert_eq!(
        explain(&text, &NATIVE),
        "no match: \"passages\"\n\
         \x20 no   /door_in [100,101,102,103,104,105,106,107,108,109, ... (20 in all)]: door is 7\n"
    );
}

#[test]
fn an_explanation_of_values_without_a_schema_says_so() {
    let explanation = Filter::everything(&NATIVE).explain(&Values::new());
    assert!(!explanation.is_match() && explanation.verdicts().is_none());
    assert_eq!(explanation.topic(), None);
    assert_eq!(explanation.to_string(), "no match: the values were not reset to a schema\n");
}

#[test]
fn lint_warns_about_parts_without_effect_and_parts_that_match_nothing() {
    let never = "the whole filter: nothing passes";
    let cases: &[(&str, &[&str])] = &[
        ("{}", &[]),
        (r#"{"door": 7, "granted": true}"#, &[]),
        (r#"{"any": []}"#, &["at /any: nothing passes", never]),
        (r#"{"not": {}}"#, &["at /not: nothing passes", never]),
        (r#"{"all": []}"#, &["at /all: everything passes; it can be removed"]),
        (r#"{"any": [{"door": 7}, {}]}"#, &["at /any: everything passes; it can be removed"]),
        (
            r#"{"door_gt": 7, "door_lt": 8}"#,
            &["at /door_gt: no value passes this and /door_lt", never],
        ),
        (
            r#"{"door": 7, "all": [{"door_not_in": [7]}]}"#,
            &["at /door: no value passes this and /all/0/door_not_in", never],
        ),
        (r#"{"zones_gt": 7, "zones_lt": 8}"#, &[]),
        (r#"{"door_gt": 9223372036854775807}"#, &["at /door_gt: nothing passes", never]),
        (
            r#"{"door_not_in": []}"#,
            &["at /door_not_in: an empty list excludes nothing; the key only requires a value"],
        ),
        (
            r#"{"any": [{"door_in": []}, {"door": 7}]}"#,
            &["at /any/0/door_in: an empty list matches nothing; to switch the key off, remove it"],
        ),
    ];
    for (text, lines) in cases {
        assert_eq!(lint(text, &NATIVE), *lines, "{text}");
    }
}

#[test]
fn lint_warns_about_the_keys_of_a_group() {
    let text = r#"{"mask": {"confidence_gte": 0.6, "confidence_lte": 0.5, "name": []}}"#;
    let warnings = Filter::parse(text, &LISTED).unwrap().lint();
    let found: Vec<_> = warnings.iter().map(|one| (one.pointer(), one.kind().clone())).collect();
    let with = WarningKind::Contradiction(vec!["/mask/confidence_lte".to_owned()]);
    assert_eq!(
        found,
        [
            ("/mask/name", WarningKind::EmptyList),
            ("/mask/confidence_gte", with),
            ("", WarningKind::MatchesNothing),
        ]
    );
}

#[test]
fn a_warning_about_many_keys_is_shortened() {
    let doors = Vec::from_iter((0..9).map(|door| json!({"door": door})));
    let text = json!({"all": doors}).to_string();
    assert_eq!(
        lint(&text, &NATIVE)[0],
        "at /all/0/door: no value passes this and /all/1/door and /all/2/door and /all/3/door \
         and 5 more"
    );
}

/// Filters may come from untrusted clients, so the time for the largest filters must be about
/// linear. If it were quadratic, this test would take minutes.
#[test]
fn the_largest_filters_are_parsed_and_linted_in_linear_time() {
    const MANY: usize = 30_000;
    let assert_matches_nothing = |text: String| {
        let filter = Filter::parse(&text, &NATIVE).unwrap();
        assert!(!filter.covers(&PASSAGES));
        assert!(filter.lint().iter().any(|warning| warning.pointer().is_empty()));
    };
    let (low, high) = (Vec::from_iter(0..MANY), Vec::from_iter(MANY..2 * MANY));
    assert_matches_nothing(json!({"door_in": low, "all": [{"door_in": high}]}).to_string());
    assert_matches_nothing(json!({"door_in": low, "door_not_in": low}).to_string());
    let bounds = vec![json!({"door_gte": 0}); MANY / 2];
    assert_matches_nothing(
        json!({"door_in": low, "all": [{"all": bounds}, {"door_lt": 0}]}).to_string(),
    );
    let doors = Vec::from_iter(low.iter().map(|door| json!({"door": door})));
    assert_matches_nothing(json!({"all": doors}).to_string());
    let others = Vec::from_iter(low.iter().map(|door| json!({"door_not_in": [door]})));
    assert_matches_nothing(json!({"door_in": low, "all": others}).to_string());

    let text = |number: &usize| format!("{number:05}");
    let low = Vec::from_iter(low.iter().map(text));
    let filter = json!({"badge_in": low, "badge_prefix": low}).to_string();
    assert!(Filter::parse(filter, &NATIVE).unwrap().covers(&PASSAGES));
    let prefixes = vec![json!({"badge_prefix": ""}); MANY];
    let filter = json!({"badge_in": low, "all": prefixes}).to_string();
    assert!(Filter::parse(filter, &NATIVE).unwrap().covers(&PASSAGES));
}
