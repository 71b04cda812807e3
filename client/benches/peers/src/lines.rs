//! The lines of a body that arrives in pieces, as the floors read them.

use memchr::memchr;

#[derive(Default)]
pub struct Lines {
    held: Vec<u8>,
    begin: usize,
}

impl Lines {
    pub fn push(&mut self, piece: &[u8]) {
        self.held.drain(..self.begin);
        self.begin = 0;
        self.held.extend_from_slice(piece);
    }

    pub fn next(&mut self) -> Option<&[u8]> {
        let length = memchr(b'\n', &self.held[self.begin..])?;
        let line = &self.held[self.begin..self.begin + length];
        self.begin += length + 1;
        Some(line)
    }
}
