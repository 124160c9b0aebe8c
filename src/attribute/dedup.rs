/// Removes duplicates from the tail of `list` that begins at `start`. The tail must be sorted.
///
/// `Vec::dedup_by` would also compare, and perhaps remove, the items before the tail.
pub(crate) fn dedup_from<T: Copy>(list: &mut Vec<T>, start: usize, same: impl Fn(&T, &T) -> bool) {
    let mut kept = start;
    for at in start..list.len() {
        if kept == start || !same(&list[kept - 1], &list[at]) {
            list[kept] = list[at];
            kept += 1;
        }
    }
    list.truncate(kept);
}
