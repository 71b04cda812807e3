//! The lines of a body that arrives in chunks, as the baselines read them.

use memchr::memchr;

#[derive(Default)]
pub struct Lines {
    held: Vec<u8>,
    begin: usize,
}

impl Lines {
    pub fn push(&mut self, chunk: &[u8]) {
        self.held.drain(..self.begin);
        self.begin = 0;
        self.held.extend_from_slice(chunk);
    }

    pub fn next(&mut self) -> Option<&[u8]> {
        let length = memchr(b'\n', &self.held[self.begin..])?;
        let line = &self.held[self.begin..self.begin + length];
        self.begin += length + 1;
        Some(line)
    }
}
