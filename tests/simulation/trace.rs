//! A trace of what happens in a world.

/// The hash of everything that happened. A loud trace also prints it.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    steps: u64,
    loud: bool,
}

impl Trace {
    pub(crate) fn new(loud: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, steps: 0, loud }
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        let line = line();
        self.steps += 1;
        if self.loud {
            println!("{:>5} {line}", self.steps);
        }
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(crate) fn end(&self) -> (u64, u64) {
        (self.hash, self.steps)
    }
}
