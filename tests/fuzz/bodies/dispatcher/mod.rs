//! Checks any calls to a dispatcher, in any order: its statistics stay exact, its bounds hold, and
//! every notification reaches its end.

mod input;
mod journal;
mod run;

use input::Input;
use run::Run;

/// The maximum number of calls, so that a long input does not take long.
const MAX_CALLS: usize = 400;

/// Takes the limits of a dispatcher, a seed, and a list of calls with their arguments.
pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let mut run = Run::new(&mut input);
    for _ in 0..MAX_CALLS {
        if input.is_empty() {
            break;
        }
        run.call(&mut input);
        run.check();
    }
    run.drain();
    run.check();
    run.abort();
    run.check();
}
