/// Removes repeated items from the sorted tail of `list` that begins at `start`.
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
