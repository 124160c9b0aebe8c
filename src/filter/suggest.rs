use std::borrow::Cow;

use super::error::Hint;

/// Returns the hint for an unknown name: the nearest known name, or all known names if none is near
/// enough.
pub(crate) fn hint(found: &str, known: impl Iterator<Item = Cow<'static, str>>) -> Hint {
    let known: Vec<_> = known.collect();
    nearest(found, known.iter().cloned()).map_or(Hint::Known(known), Hint::Nearest)
}

/// Returns the known name that is nearest to `found`, if the distance is at most a third of the
/// known name's length. A name that differs more is unlikely to be a typo. Case is ignored.
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
    known
        .into_iter()
        .map(|name| (distance(&found, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= name.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
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
}
