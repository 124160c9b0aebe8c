//! Webhooks that change while they have work.

use std::sync::Arc;

use crate::rig::{EVENTS, Rig, SECOND, retries};

#[test]
fn an_attempt_given_back_is_not_made_again_beyond_a_lowered_limit() {
    let mut rig = Rig::new();
    let slot = rig.hook("1", retries(10));
    rig.publish(slot, &EVENTS);
    for _ in 0..2 {
        let delivery = rig.take();
        rig.answer(&delivery, 500);
        rig.pass(SECOND);
    }
    let third = rig.take();
    assert_eq!(third.attempt(), 3);
    rig.dispatcher.update(slot, Arc::new("first"), retries(2), rig.now);
    rig.effects();
    rig.give_back(&third);
    rig.assert_idle();
    let account = rig.account("1");
    assert_eq!((account.dead, account.attempts, account.pending()), (1, 2, 0));
    assert_eq!(
        rig.lines(),
        [
            r#"<queue:  0> Webhook worker(id-1, type-"events") Attempt 3 was given back, batch(len-1)"#,
            r#"<queue:  0> Webhook worker(id-1, type-"events") Error sending webhook: 500, message='Internal Server Error'. Attempt 2 out of 2. Giving up batch(len-1, type-"events"): ['1']"#,
        ]
    );
}
