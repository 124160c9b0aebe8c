/// Of the items from a place on, which are sorted, keeps one of each.
pub(crate) fn keep_one_each<T: Copy>(
    list: &mut Vec<T>,
    from: usize,
    same: impl Fn(&T, &T) -> bool,
) {
    let mut kept = from;
    for at in from..list.len() {
        if kept == from || !same(&list[kept - 1], &list[at]) {
            list[kept] = list[at];
            kept += 1;
        }
    }
    list.truncate(kept);
}
