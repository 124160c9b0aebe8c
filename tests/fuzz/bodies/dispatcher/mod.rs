//! Any calls of a dispatcher, in any order: its statistics stay exact, its bounds hold, and
//! everything comes to an end.

mod input;
mod journal;
mod run;

use input::Input;
use run::Run;

/// A run may not take long, however long its input is.
const MOST_CALLS: usize = 400;

/// The input is the limits of a dispatcher, a seed, and a list of calls with their arguments.
pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let mut run = Run::new(&mut input);
    for _ in 0..MOST_CALLS {
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
