//! Pseudo-random mutations of inputs.

/// The generator splitmix64.
pub(crate) struct Random(u64);

impl Random {
    /// Returns the generator for one round. Other rounds and seeds give unrelated numbers.
    pub(crate) fn new(seed: u64, round: u64) -> Self {
        let mut random = Self(seed);
        let start = random.next() ^ round.wrapping_mul(0xD134_2543_DE82_EF95);
        Self(start)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// Returns a number below `bound`, which must not be zero.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[7]
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Returns one of the inputs with one to four changes.
pub(crate) fn mutated(inputs: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = random.pick(inputs).clone();
    for _ in 0..=random.below(4) {
        change(&mut input, inputs, random);
    }
    input
}

/// Texts with a meaning to at least one target.
const WORDS: [&[u8]; 21] = [
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1e999",
    b"9223372036854775808",
    b"\"\\ud800\"",
    b"\"\\u0000\"",
    b"[]",
    b"\xef\xbb\xbf",
    b"{}",
    b",",
    b":",
    b"\n",
    b"\n\n",
    b"\xff",
    "é".as_bytes(),
    b"[::1]",
    b":65536",
    b"%",
    b"$",
];

fn change(input: &mut Vec<u8>, inputs: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    // The range after `at` that changes. In most cases it is short.
    let most = if random.below(4) == 0 { input.len() - at } else { (input.len() - at).min(8) };
    let range = at..at + random.below(most + 1);
    match random.below(6) {
        0 => drop(input.splice(range, [])),
        1 => drop(input.splice(range, [random.byte()])),
        2 => drop(input.splice(range, random.pick(&WORDS).iter().copied())),
        3 => {
            let again = input[range].to_vec();
            drop(input.splice(at..at, again));
        }
        4 => {
            let other = random.pick(inputs);
            let start = random.below(other.len() + 1);
            let end = start + random.below(other.len() - start + 1);
            drop(input.splice(range, other[start..end].iter().copied()));
        }
        _ => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
    }
}
