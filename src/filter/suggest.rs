use std::borrow::Cow;

use super::error::Hint;

/// Returns the hint for an unknown name: the known names that were probably meant, or all known
/// names if none is near enough.
pub(crate) fn hint(found: &str, known: impl Iterator<Item = Cow<'static, str>>) -> Hint {
    let known: Vec<_> = known.collect();
    meant(found, &known).unwrap_or(Hint::Known(known))
}

/// Returns the known names that `found` was probably meant to be, or `None` if there are none.
pub(super) fn meant(found: &str, known: &[Cow<'static, str>]) -> Option<Hint> {
    let found = found.to_lowercase();
    // The name may lack a part that all known names have: the suffix, as `make` for `make_in`, or
    // the subject, as `matched` for `face_matched`.
    let is_longer = |name: &&Cow<'static, str>| {
        let with_suffix = name.strip_prefix(&*found).is_some_and(|rest| SUFFIXES.contains(&rest));
        let with_subject = name.strip_suffix(&*found).is_some_and(|rest| rest.ends_with('_'));
        !found.is_empty() && (with_suffix || with_subject)
    };
    let mut longer = Vec::from_iter(known.iter().filter(is_longer).cloned());
    match longer.len() {
        0 => nearest(&found, known.iter().cloned()).map(Hint::Nearest),
        1 => longer.pop().map(Hint::Nearest),
        _ => Some(Hint::Known(longer)),
    }
}

/// The suffixes of keys. A key with another suffix tests something else.
const SUFFIXES: [&str; 8] = ["_not_in", "_in", "_not", "_gte", "_lte", "_gt", "_lt", "_exists"];

/// Returns the known name that is nearest to `found`, if it probably means the same.
///
/// The distance is at most a third of the known name's length, because a name that differs more is
/// unlikely to be a typo. The same holds for the parts of the two names before their suffixes, so
/// that the subject is the same. If `found` has a suffix, the known name has the same suffix,
/// because the opposite bound is never what was meant. Case is ignored.
pub(super) fn nearest(
    found: &str,
    known: impl IntoIterator<Item = Cow<'static, str>>,
) -> Option<Cow<'static, str>> {
    /// The maximum length, in bytes, of a name that is compared. The work is quadratic in the
    /// length, and a filter can come from an untrusted source.
    const LONGEST: usize = 64;
    if found.len() > LONGEST {
        return None;
    }
    let found = found.to_lowercase();
    let (stem, suffix) = split(&found);
    known
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let (known_stem, known_suffix) = split(&lower);
            let suits = suffix.is_empty() || suffix == known_suffix;
            let near = |a: &str, b: &str| Some(distance(a, b)).filter(|far| *far <= b.len() / 3);
            let whole = near(&found, &lower).filter(|_| suits)?;
            // Without a suffix, the whole of `found` may be a typo of a name with a suffix.
            if !suffix.is_empty() {
                near(stem, known_stem)?;
            }
            // Words that are added before a name change its subject.
            let has_other_subject = lower.strip_suffix(&*found).is_some_and(|r| r.ends_with('_'))
                || found.strip_suffix(&*lower).is_some_and(|rest| rest.ends_with('_'));
            (!has_other_subject).then_some((whole, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Splits the name of a key into the part before its suffix and the suffix, which can be empty.
fn split(name: &str) -> (&str, &str) {
    let stem = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    name.split_at(stem.len())
}

/// Returns the edit distance between two strings: the minimum number of characters to insert,
/// remove, replace, or swap with a neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (Vec::from_iter(a.chars()), Vec::from_iter(b.chars()));
    // Three rows of the usual matrix are enough: `last` is the row before `row`, and `before` is
    // the row before `last`. Only swaps need `before`.
    let mut before = vec![0; b.len() + 1];
    let mut last = Vec::from_iter(0..=b.len());
    let mut row = last.clone();
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        // The rows move up by one. The oldest becomes the next `row` and is overwritten.
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{distance, nearest};

    #[test]
    fn distances_count_single_slips() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("camera_in", "camera_in"), 0);
        assert_eq!(distance("camrea_in", "camera_in"), 1);
        assert_eq!(distance("camera", "camera_in"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn only_close_names_are_suggested() {
        let nearest =
            |found| nearest(found, ["camera_group_in", "camera_in", "matched"].map(Cow::from));
        assert_eq!(nearest("Camera_In"), Some("camera_in".into()));
        assert_eq!(nearest("camera_group"), Some("camera_group_in".into()));
        assert_eq!(nearest("mached"), Some("matched".into()));
        assert_eq!(nearest("age"), None);
        assert_eq!(nearest(""), None);
        assert_eq!(nearest(&"camera_in".repeat(1000)), None);
    }

    #[test]
    fn a_suggestion_never_changes_the_meaning() {
        let known = ["confidence_gte", "faces_gte", "car_episodes", "camera_in"].map(Cow::from);
        let nearest = |found| nearest(found, known.clone());
        assert_eq!(nearest("confidence_lte"), None);
        assert_eq!(nearest("confidence_gt"), None);
        assert_eq!(nearest("cars_gte"), None);
        assert_eq!(nearest("episodes"), None);
        assert_eq!(nearest("camera_not_in"), None);
        assert_eq!(nearest("confidense_gte"), Some("confidence_gte".into()));
        assert_eq!(nearest("confidence_get"), Some("confidence_gte".into()));
        assert_eq!(nearest("face_gte"), Some("faces_gte".into()));
    }
}
