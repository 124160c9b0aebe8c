//! Schemas that need more bits than the word of a notification has.

use proptest::{collection::vec, prelude::*};
use recohook::{
    Filter,
    attribute::{Attribute, Schema, Values},
    filter::{Section, Table},
};

use crate::{
    cases,
    dialects::by_name,
    model::Pool,
    properties::{steps, walk},
    random::native,
};

/// The schema of the passages in the other tests, after a choice with very many names.
macro_rules! passages {
    ($topic:literal, $($name:literal)+) => {
        Schema::new(
            $topic,
            &[
                Attribute::choice("gate", &[$($name),+]),
                Attribute::bool("granted"),
                Attribute::choice("direction", &["in", "out", "unknown"]),
                Attribute::number("weight"),
                Attribute::int("door"),
                Attribute::text("badge"),
                Attribute::bools("checks"),
                Attribute::numbers("scores"),
                Attribute::ints("zones"),
                Attribute::texts("tags"),
            ],
        )
    };
}

/// The choice leaves room in the word for four of the other attributes.
static SOME: Schema = passages!("some",
    "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13" "14" "15" "16" "17" "18" "19" "20" "21" "22" "23" "24" "25" "26" "27" "28" "29" "30" "31" "32" "33" "34" "35" "36" "37" "38" "39" "40" "41" "42" "43" "44" "45" "46" "47" "48" "49" "50" "51" "52");

/// The choice leaves room in the word for none of them.
static NONE: Schema = passages!("none",
    "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13" "14" "15" "16" "17" "18" "19" "20" "21" "22" "23" "24" "25" "26" "27" "28" "29" "30" "31" "32" "33" "34" "35" "36" "37" "38" "39" "40" "41" "42" "43" "44" "45" "46" "47" "48" "49" "50" "51" "52" "53" "54" "55" "56");

static SOME_FILTERS: Table = Table::flat(&Section::native(&SOME));
static NONE_FILTERS: Table = Table::flat(&Section::native(&NONE));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(24)))]

    #[test]
    fn attributes_without_room_in_the_word_are_still_tested(
        filters in vec(native::filter(), 1..30),
        passages in vec(native::attributes(), 1..40),
        steps in steps(),
    ) {
        for (table, schema) in [(&SOME_FILTERS, &SOME), (&NONE_FILTERS, &NONE)] {
            let filters = filters.iter();
            let filters = filters.map(|filter| Filter::parse(filter.to_string(), table).unwrap());
            let samples = passages.iter().map(|passage| {
                let mut values = Values::new();
                by_name(&mut values, schema, passage);
                values
            });
            walk(Pool::new(filters.collect(), samples.collect()), steps.clone());
        }
    }
}
