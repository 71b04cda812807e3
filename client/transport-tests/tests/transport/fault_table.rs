//! The table of faults in the README is what happens.

use cometapi::Error;
use h2::Reason;

use crate::{compression, http2_faults as http2};

const README: &str = include_str!("../../README.md");

fn row(fault: &str, error: &Error) -> String {
    let yes_or_no = |holds| if holds { "yes" } else { "no" };
    format!(
        "| {fault} | `{:?}` | {} | {} | {} |\n",
        error.kind(),
        yes_or_no(error.request_may_have_been_sent()),
        yes_or_no(error.is_retryable()),
        error.attempts(),
    )
}

#[tokio::test]
async fn every_fault_has_the_row_of_the_readme() {
    let faults = [
        (
            "`REFUSED_STREAM`, for each attempt",
            http2::reset(Reason::REFUSED_STREAM).await,
        ),
        (
            "`RST_STREAM` with `INTERNAL_ERROR` before the response",
            http2::reset(Reason::INTERNAL_ERROR).await,
        ),
        (
            "`RST_STREAM` with `CANCEL` before the response",
            http2::reset(Reason::CANCEL).await,
        ),
        (
            "`RST_STREAM` within speech",
            http2::reset_within_speech().await,
        ),
        (
            "`RST_STREAM` within a stream",
            http2::reset_within_stream().await,
        ),
        (
            "`GOAWAY` with `INTERNAL_ERROR` after the request was taken",
            http2::goaway().await,
        ),
        (
            "the connection is lost after the request was taken",
            http2::lost_connection().await,
        ),
        (
            "HTTP/1.1 where HTTP/2 was agreed on",
            http2::other_protocol().await,
        ),
        ("no response", http2::no_response().await),
        ("a stall within speech", http2::stalled_speech().await),
        ("a stall within a stream", http2::stalled_stream().await),
        ("no window for an upload", http2::no_window().await),
        (
            "a decompression bomb",
            compression::decompression_bomb().await,
        ),
        ("gzip that ends early", compression::truncated_gzip().await),
        (
            "an encoding that was not requested",
            compression::not_requested("zstd").await,
        ),
    ];
    let mut table = "| fault | kind | may have been sent | retryable | attempts |\n\
         |---|---|---|---|---|\n"
        .to_owned();
    for (fault, error) in &faults {
        table += &row(fault, error);
    }
    assert!(
        README.contains(&format!("\n{table}\n")),
        "not in README.md:\n{table}"
    );
}
