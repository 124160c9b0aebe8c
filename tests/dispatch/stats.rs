//! Arithmetic of statistics.

use recohook::report::Stats;

/// Returns statistics whose counts are different multiples of `factor`.
fn stats(factor: u64) -> Stats {
    let mut stats = Stats::default();
    stats.matched = 100 * factor;
    stats.accepted = 90 * factor;
    stats.rejected = 10 * factor;
    stats.delivered = 40 * factor;
    stats.dead = 20 * factor;
    stats.dropped.overflow = 3 * factor;
    stats.dropped.removed = 5 * factor;
    stats.dropped.shutdown = 7 * factor;
    stats.attempts = 60 * factor;
    stats.failures = 25 * factor;
    stats
}

#[test]
fn adding_statistics_adds_each_count() {
    let mut sum = stats(1);
    sum += stats(2);
    assert_eq!(sum, stats(3));
    assert_eq!((sum.dropped.total(), sum.pending()), (45, 45));
    assert_eq!([1, 2, 3].into_iter().map(stats).sum::<Stats>(), stats(6));
    assert_eq!([].into_iter().sum::<Stats>(), Stats::default());
}
