//! `Retry-After`: the receiver wants to be left alone.

use recohook::dispatch::ReportEvent;

use crate::rig::{EPISODES, EVENTS, Rig, SECOND, retries};

#[test]
fn a_failure_during_a_hold_reports_the_wait_that_will_be() {
    let mut rig = Rig::new();
    let slot = rig.hook("1", retries(3));
    rig.publish(slot, &EVENTS);
    rig.publish(slot, &EPISODES);
    let (event, episode) = (rig.take(), rig.take());
    rig.send_away(&event, 60 * SECOND);
    rig.pass(SECOND);
    rig.effects();
    rig.answer(&episode, 500);
    let reports = rig.effects().take_reports();
    let ReportEvent::Failed { next, .. } = reports[0].event() else {
        panic!("not a failure: {}", reports[0]);
    };
    assert_eq!(*next, 59 * SECOND);
    rig.assert_idle();
    assert_eq!(rig.wait(), Some(59 * SECOND));
}
