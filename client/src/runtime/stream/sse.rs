//! Parser for server-sent events (WHATWG HTML, 9.2.6 "Interpreting an event stream").
//!
//! The parser returns bytes: the decoder of an event's data checks its UTF-8. It searches every byte
//! once, however the body is chunked. A line that is complete within a chunk is a slice of the chunk.
//! The fields `id` and `retry` are ignored, because the client never reconnects.

use bytes::{Buf, Bytes};
use memchr::memchr2;

use crate::runtime::http::media_type::UTF8_BOM;

/// An event as it was sent, with undecoded data.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RawEvent {
    /// The last `event` field. Empty if there is none.
    pub(crate) name: Bytes,
    /// The `data` fields, joined with line feeds.
    pub(crate) data: Bytes,
}

/// An event, or a line of any kind, exceeds the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EventTooLarge;

/// An incremental parser: it is fed the chunks of a body and returns the events.
#[derive(Debug)]
pub(crate) struct SseParser {
    /// The maximum size of an event in bytes: its name, its data and the line being read.
    limit: usize,
    /// The rest of the current chunk, which is not searched yet.
    chunk: Bytes,
    /// The beginning of a line whose end has not arrived yet.
    partial_line: Vec<u8>,
    line_state: LineState,
    name: Bytes,
    data: DataBuffer,
    /// The number of bytes searched for line ends.
    #[cfg(test)]
    searched: usize,
}

/// The position of the next byte in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineState {
    /// In the first line, which may begin with a BOM.
    Start,
    /// After a CR. A LF that follows belongs to the same line end.
    AfterCr,
    /// In any other line.
    Line,
}

/// The data of the current event.
#[derive(Debug)]
enum DataBuffer {
    None,
    /// A single line, without a copy.
    Line(Bytes),
    /// Several lines, joined with line feeds.
    Lines(Vec<u8>),
}

impl SseParser {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            chunk: Bytes::new(),
            partial_line: Vec::new(),
            line_state: LineState::Start,
            name: Bytes::new(),
            data: DataBuffer::None,
            #[cfg(test)]
            searched: 0,
        }
    }

    /// Sets the next chunk. The previous chunk must be consumed: [`next_event`](Self::next_event)
    /// returned `None`.
    pub(crate) fn feed(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty());
        self.chunk = chunk;
    }

    /// Returns the next event, or `None` if the chunks so far contain no further complete event.
    pub(crate) fn next_event(&mut self) -> Result<Option<RawEvent>, EventTooLarge> {
        loop {
            if self.line_state == LineState::AfterCr && !self.chunk.is_empty() {
                self.line_state = LineState::Line;
                if self.chunk[0] == b'\n' {
                    self.chunk.advance(1);
                }
            }
            let end = memchr2(b'\n', b'\r', &self.chunk);
            #[cfg(test)]
            {
                self.searched += end.unwrap_or(self.chunk.len());
            }
            let Some(end) = end else {
                // Copied, because a slice would keep the complete chunk in memory.
                let rest = std::mem::take(&mut self.chunk);
                self.check_limit(rest.len())?;
                self.partial_line.extend_from_slice(&rest);
                return Ok(None);
            };
            self.check_limit(end)?;
            let mut line = self.chunk.split_to(end);
            let ends_with_cr = self.chunk.get_u8() == b'\r';
            if !self.partial_line.is_empty() {
                let mut complete = std::mem::take(&mut self.partial_line);
                complete.extend_from_slice(&line);
                line = complete.into();
            }
            if self.line_state == LineState::Start && line.starts_with(UTF8_BOM) {
                line.advance(UTF8_BOM.len());
            }
            self.line_state = if ends_with_cr {
                LineState::AfterCr
            } else {
                LineState::Line
            };
            if let Some(event) = self.process_line(line) {
                return Ok(Some(event));
            }
        }
    }

    /// Returns the data of an incomplete event at the end of the body, or its partial line if it has no
    /// data. Returns `None` between two events, where only a comment can be incomplete.
    pub(crate) fn into_incomplete(mut self) -> Option<Bytes> {
        let partial_line = std::mem::take(&mut self.partial_line);
        let is_between = self.name.is_empty()
            && matches!(self.data, DataBuffer::None)
            && (partial_line.is_empty() || partial_line.starts_with(b":"));
        if is_between {
            return None;
        }
        let partial_line = Bytes::from(partial_line);
        if !partial_line.is_empty() {
            self.process_line(partial_line.clone());
        }
        Some(self.data.joined().unwrap_or(partial_line))
    }

    /// Fails if `more` bytes would exceed the limit.
    fn check_limit(&self, more: usize) -> Result<(), EventTooLarge> {
        let data = match &self.data {
            DataBuffer::None => 0,
            DataBuffer::Line(line) => line.len(),
            DataBuffer::Lines(lines) => lines.len(),
        };
        if self.name.len() + data + self.partial_line.len() + more > self.limit {
            return Err(EventTooLarge);
        }
        Ok(())
    }

    /// Processes a line without its line end. An empty line dispatches the event, unless it has no data.
    fn process_line(&mut self, mut line: Bytes) -> Option<RawEvent> {
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            let data = std::mem::replace(&mut self.data, DataBuffer::None).joined()?;
            return Some(RawEvent { name, data });
        }
        if let Some(start) = field_value_offset(&line, b"data") {
            line.advance(start);
            self.data = match std::mem::replace(&mut self.data, DataBuffer::None) {
                DataBuffer::None => DataBuffer::Line(line),
                DataBuffer::Line(first) => DataBuffer::Lines([&first[..], &line].join(&b'\n')),
                DataBuffer::Lines(mut lines) => {
                    lines.push(b'\n');
                    lines.extend_from_slice(&line);
                    DataBuffer::Lines(lines)
                }
            };
        } else if let Some(start) = field_value_offset(&line, b"event") {
            line.advance(start);
            self.name = line;
        }
        None
    }
}

impl DataBuffer {
    fn joined(self) -> Option<Bytes> {
        match self {
            Self::None => None,
            Self::Line(line) => Some(line),
            Self::Lines(lines) => Some(lines.into()),
        }
    }
}

/// Returns the offset of the value if the line is this field: after the colon and one space, or at the end
/// of the line.
fn field_value_offset(line: &[u8], field: &[u8]) -> Option<usize> {
    match line.strip_prefix(field)? {
        [] => Some(line.len()),
        [b':', b' ', ..] => Some(field.len() + 2),
        [b':', ..] => Some(field.len() + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::fuzzing::standard_events;

    const LIMIT: usize = 1 << 24;

    /// The events of a body that is split at these offsets, as `name|data`, and its incomplete event.
    fn events(body: &[u8], splits: &[usize]) -> (Vec<String>, Option<String>) {
        let mut parser = SseParser::new(LIMIT);
        let mut events = Vec::new();
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        let mut start = 0;
        for &end in splits.iter().chain([&body.len()]) {
            parser.feed(Bytes::copy_from_slice(&body[start..end]));
            while let Some(event) = parser.next_event().unwrap() {
                events.push(format!("{}|{}", text(&event.name), text(&event.data)));
            }
            start = end;
        }
        (events, parser.into_incomplete().as_ref().map(text))
    }

    #[track_caller]
    fn assert_events(body: &str, expected: &[&str], incomplete: Option<&str>) {
        for end in ["\n", "\r", "\r\n"] {
            let body = body.replace('\n', end).into_bytes();
            let text = String::from_utf8_lossy(&body).into_owned();
            let mut chunkings = vec![vec![], (1..body.len()).collect()];
            chunkings.extend((1..body.len()).map(|split| vec![split]));
            for splits in chunkings {
                let (found, rest) = events(&body, &splits);
                assert_eq!(found, expected, "{text:?} split at {splits:?}");
                assert_eq!(rest.as_deref(), incomplete, "{text:?} split at {splits:?}");
            }
        }
    }

    #[test]
    fn fields_are_interpreted_as_in_the_standard() {
        for (body, expected) in [
            ("data: a\n\n", &["|a"][..]),
            ("data:a\n\ndata:  b\n\n", &["|a", "| b"]),
            ("data: a\ndata:b\ndata: c\n\n", &["|a\nb\nc"]),
            ("data\n\ndata:\ndata\n\n", &["|", "|\n"]),
            ("event: x\ndata: a\n\ndata: b\n\n", &["x|a", "|b"]),
            ("event: x\n\ndata: b\n\n", &["|b"]),
            ("data: a\nevent: x\nevent: y\n\n", &["y|a"]),
            (
                ": PING\n\n:\ndata: a\n: in between\ndata: b\n\n",
                &["|a\nb"],
            ),
            ("id: 1\nretry: 2\nother: 3\nother\ndata: a\n\n", &["|a"]),
            ("database: a\n data: b\nDATA: c\ndata : d\n\n", &[]),
            ("\n\n\ndata: a\n\n\n", &["|a"]),
            ("\u{feff}data: a\n\n", &["|a"]),
            ("\u{feff}\u{feff}data: a\n\ndata: b\n\n", &["|b"]),
            ("data: b\n\n\u{feff}data: a\n\n", &["|b"]),
            ("data: \u{feff}äß漢😀\n\n", &["|\u{feff}äß漢😀"]),
            ("", &[]),
        ] {
            assert_events(body, expected, None);
        }
    }

    #[test]
    fn any_bytes_in_any_chunks_give_the_events_of_the_standard() {
        const SEED: u64 = 0x5eed_0f5e;
        const WORDS: [&str; 14] = [
            "data", "data:", "data: ", "event: ", ":", " ", "\n", "\n", "\r", "\r\n", "\n\n", "x",
            "{}", "\u{feff}",
        ];
        let mut state = SEED;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        for round in 0..20_000 {
            let body: String = (0..random(24))
                .map(|_| WORDS[random(WORDS.len())])
                .collect();
            let splits: Vec<_> = (1..body.len()).filter(|_| random(3) == 0).collect();
            let (found, _) = events(body.as_bytes(), &splits);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let expected: Vec<_> = standard_events(body.as_bytes())
                .iter()
                .map(|(name, data)| format!("{}|{}", text(name), text(data)))
                .collect();
            assert_eq!(
                found, expected,
                "seed {SEED:#x}, round {round}: {body:?} split at {splits:?}"
            );
        }
    }

    #[test]
    fn the_data_of_an_incomplete_event_is_returned() {
        for (body, incomplete) in [
            ("data: a", Some("a")),
            ("data: a\n", Some("a")),
            ("data: a\ndata: b", Some("a\nb")),
            ("data: a\nda", Some("a")),
            ("da", Some("da")),
            ("event: x\n", Some("")),
            (": PIN", None),
            (": PING\n", None),
        ] {
            assert_events(
                &format!("data: complete\n\n{body}"),
                &["|complete"],
                incomplete,
            );
        }
    }

    #[test]
    fn the_limit_does_not_depend_on_the_chunks() {
        let fits = |body: &str, step: usize| {
            let mut parser = SseParser::new(20);
            body.as_bytes().chunks(step).all(|chunk| {
                parser.feed(Bytes::copy_from_slice(chunk));
                loop {
                    match parser.next_event() {
                        Ok(None) => return true,
                        Ok(Some(_)) => (),
                        Err(EventTooLarge) => return false,
                    }
                }
            })
        };
        for (body, expected) in [
            ("data: 5678901234567\n\n".repeat(3), true),
            ("data: 567890123456789\n\n".to_owned(), false),
            ("data: 56789012345678".to_owned(), true),
            ("data: 567890123456789".to_owned(), false),
            ("data: 5678\ndata: 5678\n\n".to_owned(), true),
            ("data: 567890123\ndata: 567890\n\n".to_owned(), false),
            (": comments are lines too\n".to_owned(), false),
        ] {
            for step in [1, 2, 7, body.len()] {
                assert_eq!(fits(&body, step), expected, "{body:?} in chunks of {step}");
            }
        }
    }

    #[test]
    fn every_byte_is_searched_once() {
        const LENGTH: usize = 8 << 20;
        let line = [b"data: ".as_slice(), &vec![b'x'; LENGTH], b"\n\n"].concat();
        let short = [b"data: ".as_slice(), &[b'x'; 1000], b"\n"].concat();
        let lines = [short.repeat(LENGTH / 1000), b"\n".to_vec()].concat();
        for body in [line, lines] {
            let mut parser = SseParser::new(LIMIT);
            let mut events = Vec::new();
            for chunk in body.chunks(1024) {
                parser.feed(Bytes::copy_from_slice(chunk));
                events.extend(parser.next_event().unwrap());
            }
            assert!(events.len() == 1 && events[0].data.len() >= LENGTH);
            let times = parser.searched as f64 / body.len() as f64;
            assert!(times < 1.1, "{times}");
            assert_eq!(parser.partial_line.capacity(), 0);
        }
    }
}
