//! Whether bytes are what their media type says.

/// Why `bytes` are no body of `media_type`; none if they are, or if nothing can be said.
pub fn unsupported(media_type: &str, bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        return Some("is empty".to_owned());
    }
    if let Some(signature) = signature(media_type) {
        return (!signature(bytes)).then(|| format!("isn't {media_type} by its first bytes"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        let is_text = media_type.starts_with("text/") || media_type == "application/x-subrip";
        return is_text.then(|| "is no UTF-8".to_owned());
    };
    match media_type {
        "application/x-subrip" | "text/srt" => subrip(text),
        "text/vtt" => webvtt(text),
        "text/html" => (!text.trim_start().starts_with('<')).then(|| "is no page".to_owned()),
        _ => None,
    }
}

type Signature = fn(&[u8]) -> bool;

fn signature(media_type: &str) -> Option<Signature> {
    Some(match media_type {
        "audio/mpeg" => |bytes| bytes.starts_with(b"ID3") || is_frame(bytes, 0xe0, 0),
        "audio/aac" => |bytes| is_frame(bytes, 0xf6, 0xf0),
        "audio/opus" | "audio/ogg" => |bytes| bytes.starts_with(b"OggS"),
        "audio/flac" => |bytes| bytes.starts_with(b"fLaC"),
        "audio/wav" => |bytes| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE"),
        // Samples of 16 bits.
        "audio/pcm" => |bytes| bytes.len().is_multiple_of(2),
        _ => return None,
    })
}

/// MPEG audio begins with eleven set bits, ADTS with twelve and a layer of 0.
fn is_frame(bytes: &[u8], mask: u8, layer: u8) -> bool {
    let second = bytes.get(1).copied().unwrap_or_default();
    let expected = if layer == 0 { 0xe0 } else { layer };
    bytes.first() == Some(&0xff) && second & mask == expected
}

/// The JSON of each event of a complete stream, which the marker ends if there is one.
pub fn events(stream: &str, marker: Option<&str>) -> Result<Vec<serde_json::Value>, String> {
    let stream = stream.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let mut is_done = false;
    for block in stream.split("\n\n") {
        let data: Vec<&str> = block
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(|data| data.strip_prefix(' ').unwrap_or(data))
            .collect();
        if data.is_empty() {
            continue;
        }
        if is_done {
            return Err("an event comes after the end".to_owned());
        }
        let data = data.join("\n");
        if Some(data.as_str()) == marker {
            is_done = true;
            continue;
        }
        let number = events.len() + 1;
        let event = serde_json::from_str(&data)
            .map_err(|error| format!("event {number} is no JSON: {error}"))?;
        events.push(event);
    }
    match marker {
        Some(marker) if !is_done => Err(format!("the stream doesn't end in `data: {marker}`")),
        _ if events.is_empty() => Err("the stream has no event".to_owned()),
        _ => Ok(events),
    }
}

/// Numbered cues from 1, each with its times.
fn subrip(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    for (index, cue) in text.trim().split("\n\n").enumerate() {
        let mut lines = cue.lines();
        let number = index + 1;
        if lines.next() != Some(number.to_string().as_str()) {
            return Some(format!("cue {number} hasn't its number"));
        }
        if !lines.next().is_some_and(|line| is_time_line(line, ',')) {
            return Some(format!(
                "cue {number} has no times like 00:00:01,000 --> 00:00:02,000"
            ));
        }
        if lines.next().is_none() {
            return Some(format!("cue {number} has no text"));
        }
    }
    None
}

fn webvtt(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let Some(rest) = text.strip_prefix("WEBVTT") else {
        return Some("doesn't begin with WEBVTT".to_owned());
    };
    for (index, cue) in rest
        .split("\n\n")
        .skip(1)
        .filter(|cue| !cue.trim().is_empty())
        .enumerate()
    {
        let is_note = cue.trim_start().starts_with("NOTE");
        if !is_note && !cue.lines().take(2).any(|line| is_time_line(line, '.')) {
            let number = index + 1;
            return Some(format!(
                "cue {number} has no times like 00:01.000 --> 00:02.000"
            ));
        }
    }
    None
}

fn is_time_line(line: &str, point: char) -> bool {
    let is_time = |time: &str| {
        time.split_once(point).is_some_and(|(clock, millis)| {
            let parts: Vec<&str> = clock.split(':').collect();
            let digits = |part: &&str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_digit());
            matches!(parts.len(), 2 | 3) && parts.iter().all(digits) && millis.len() == 3
        })
    };
    let times = line.split_once(" --> ");
    times.is_some_and(|(from, to)| {
        is_time(from.trim()) && is_time(to.split_whitespace().next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtitles_are_told_from_text() {
        assert_eq!(subrip("1\n00:00:00,000 --> 00:00:01,000\nHello.\n"), None);
        assert!(subrip("Hello.").is_some());
        assert!(subrip("1\n00:00.000 --> 00:01.000\nHello.").is_some());
        assert_eq!(webvtt("WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n"), None);
        assert!(webvtt("WEBVTT\n\nHello.").is_some());
        for times in [
            "00:00:00,000 --> soon",
            "soon --> 00:00:01,000",
            "00:00:00,000 --> 00:00:01,0",
            "00:00:00,000 --> 0:0:1,000",
            "00:00:00,000 --> aa:bb:cc,000",
            "00:00:00,000 --> 01,000",
        ] {
            assert!(subrip(&format!("1\n{times}\nHello.")).is_some(), "{times}");
        }
    }

    #[test]
    fn audio_is_known_by_its_first_bytes() {
        assert_eq!(unsupported("audio/mpeg", &[0xff, 0xfb, 0x90]), None);
        assert_eq!(unsupported("audio/aac", &[0xff, 0xf1, 0x50]), None);
        assert!(unsupported("audio/aac", &[0xff, 0xfb, 0x90]).is_some());
        assert!(unsupported("audio/flac", b"OggS").is_some());
        assert!(unsupported("audio/mpeg", b"").is_some());
    }

    #[test]
    fn a_stream_has_events_and_an_end() {
        let events = |stream: &str, marker| events(stream, marker).map(|events| events.len());
        let whole = ": PING\n\ndata: {\"a\":1}\r\n\r\ndata: [DONE]\n\n";
        assert_eq!(events(whole, Some("[DONE]")), Ok(1));
        assert_eq!(events("data: {\"a\":1}\n\n", None), Ok(1));
        assert!(events("data: {\"a\":1}\n\n", Some("[DONE]")).is_err());
        assert!(events("data: {\"a\":\n\ndata: [DONE]\n\n", Some("[DONE]")).is_err());
        assert!(events("data: [DONE]\n\ndata: {}\n\n", Some("[DONE]")).is_err());
        assert!(events("", None).is_err());
    }
}
