//! The responses of the stub, shaped like the service's.

use std::fmt::Write;

/// One of 1 KB, with what the live service sends beside the text.
pub fn chat() -> String {
    let text = "A heading, then a sentence that says what was requested. ".repeat(5);
    format!(
        concat!(
            r#"{{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion","#,
            r#""created":1770000000,"model":"your-model-id-2026-01-15","choices":[{{"index":0,"#,
            r#""message":{{"role":"assistant","content":"{text}","refusal":null,"#,
            r#""annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],"#,
            r#""usage":{{"prompt_tokens":19,"completion_tokens":60,"total_tokens":79,"#,
            r#""prompt_tokens_details":{{"cached_tokens":0,"audio_tokens":0}},"#,
            r#""completion_tokens_details":{{"reasoning_tokens":0,"audio_tokens":0,"#,
            r#""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"#,
            r#""latency_checkpoint":{{"engine_ttft_ms":38.2,"total_ms":911}}}},"#,
            r#""service_tier":"default","system_fingerprint":"fp_44709d6fcb"}}"#,
        ),
        text = text
    )
}

pub fn catalog(rows: u64) -> String {
    let mut body = format!(r#"{{"success":true,"page":0,"page_size":0,"total":{rows},"data":["#);
    for row in 0..rows {
        let comma = if row == 0 { "" } else { "," };
        let _ = write!(
            body,
            concat!(
                r#"{comma}{{"id":"example-{row}.5","code":"example-{row}-5","created":1767225600,"#,
                r#""provider":"ExampleProvider","provider_code":"example","#,
                r#""name":"Example {row}.5","#,
                r#""description":"Reads text, pictures and video, and writes text.","#,
                r#""model_type":"text","features":["text-to-text","image-to-text"],"#,
                r#""endpoints":["openai"],"pricing":{{"currency":"USD / M Tokens","input":0.25,"#,
                r#""output":1.5,"per_request":null,"per_second":null}},"#,
                r#""api_doc_url":"https://apidoc.cometapi.com/api/text/chat","#,
                r#""context_length":200000,"max_completion_tokens":8192,"upcoming":false}}"#,
            ),
            comma = comma,
            row = row
        );
    }
    body + "]}"
}

/// Each event is a chunk of its own in HTTP's framing too.
pub fn stream(chunks: u64) -> Vec<u8> {
    let mut body = Vec::new();
    for number in 0..chunks {
        let (delta, finish) = match number {
            0 => (r#"{"role":"assistant","content":""}"#, "null"),
            last if last + 1 == chunks => ("{}", r#""stop""#),
            _ => (r#"{"content":" word"}"#, "null"),
        };
        event(&mut body, &chunk(delta, finish));
    }
    body
}

/// A chunk as the service sends it.
pub fn chunk(delta: &str, finish: &str) -> String {
    format!(
        concat!(
            r#"{{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","#,
            r#""created":1770000000,"model":"your-model-id-2026-01-15","service_tier":"default","#,
            r#""system_fingerprint":"fp_44709d6fcb","choices":[{{"index":0,"delta":{delta},"#,
            r#""logprobs":null,"finish_reason":{finish}}}],"usage":null}}"#,
        ),
        delta = delta,
        finish = finish
    )
}

pub fn event(body: &mut Vec<u8>, data: &str) {
    let event = format!("data: {data}\n\n");
    body.extend_from_slice(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes());
}
