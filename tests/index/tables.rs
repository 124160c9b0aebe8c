//! Filters of several tables in one index.

use recohook::{Filter, FilterIndex, attribute::Values};

use crate::{
    dialects::{ALL, PASSAGES},
    random::dialect::named,
};

#[test]
fn an_id_moves_from_one_table_to_another() {
    let mut index = FilterIndex::new();
    let mut passage = Values::new();
    passage.reset(&PASSAGES);
    for dialect in ALL {
        index.insert("one", &Filter::everything(dialect.table));
        assert_eq!(index.len(), 1);
        let mut found = Vec::new();
        index.matches_into(&passage, &mut found);
        assert_eq!(found.len(), usize::from(dialect.name == "native"), "{}", dialect.name);
    }
    assert!(index.remove(&"one"));
    assert!(index.is_empty());
}

#[test]
fn a_filter_that_matches_nothing_is_stored_and_never_found() {
    let native = named("native").table;
    let mut index = FilterIndex::new();
    index.insert(0_u8, &Filter::parse(r#"{"door_in": []}"#, native).unwrap());
    let mut values = Values::new();
    let mut found = Vec::new();
    index.matches_into(&values, &mut found);
    values.reset(&PASSAGES);
    values.int(PASSAGES.expect("door"), 0);
    index.matches_into(&values, &mut found);
    assert_eq!((found.len(), index.len()), (0, 1));
    assert!(index.remove(&0));
}
