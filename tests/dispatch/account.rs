//! Accounts as values.

use recohook::dispatch::Account;

/// An account whose figures all differ, and are multiples of `factor`.
fn account(factor: u64) -> Account {
    let mut account = Account::default();
    account.matched = 100 * factor;
    account.accepted = 90 * factor;
    account.rejected = 10 * factor;
    account.delivered = 40 * factor;
    account.dead = 20 * factor;
    account.dropped.overflow = 3 * factor;
    account.dropped.removed = 5 * factor;
    account.dropped.shutdown = 7 * factor;
    account.attempts = 60 * factor;
    account.failures = 25 * factor;
    account
}

#[test]
fn accounts_add_up_figure_by_figure() {
    let mut sum = account(1);
    sum += account(2);
    assert_eq!(sum, account(3));
    assert_eq!((sum.dropped.total(), sum.pending()), (45, 45));
    assert_eq!([1, 2, 3].into_iter().map(account).sum::<Account>(), account(6));
    assert_eq!([].into_iter().sum::<Account>(), Account::default());
}
