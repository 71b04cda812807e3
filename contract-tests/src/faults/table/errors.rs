//! Faults of error responses: the status decides, whatever becomes of the body.

use std::ops::RangeInclusive;
use std::time::Duration;

use cometapi::ErrorKind;

use crate::faults::fault::RetryAfter;
use crate::faults::fault::{Expectation, Fault, Retry, fails};
use crate::faults::operations::{DEPTH, HTML, JSON, head, page, response, trickle};
use crate::server::Step;

const FAILED: Expectation = fails(500, ErrorKind::Server, Retry::Always);

pub(super) fn faults() -> Vec<Fault> {
    let limit = "content-length: 1000\r\n";
    let begun = move || Step::Write([&head(500, limit), &b"{\"error\":{\"mess"[..]].concat());
    vec![
        Fault::sends(
            "500, truncated JSON",
            [response(500, JSON, r#"{"error":{"message":"no avail"#)],
            FAILED,
        ),
        Fault::sends(
            "500, invalid UTF-8",
            [response(500, JSON, b"{\"error\":{\"message\":\"\xff\"}}")],
            FAILED,
        ),
        Fault::any(
            "500, deep nesting",
            |_| {
                let nested = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
                vec![response(500, JSON, format!("{{\"error\":{nested}}}"))]
            },
            FAILED,
        ),
        Fault::any(
            "429, quota used up",
            |_| {
                let body = r#"{"error":{"message":"m","code":"insufficient_quota"}}"#;
                vec![response(429, JSON, body)]
            },
            fails(429, ErrorKind::QuotaExceeded, Retry::Never),
        ),
        Fault::sends(
            "500, compressed",
            [Step::Write(head(
                500,
                "content-encoding: br\r\ncontent-length: 0\r\n",
            ))],
            FAILED,
        ),
        Fault::sends("500, empty", [response(500, JSON, "")], FAILED),
        Fault::sends("500, cut body", [begun()], FAILED),
        Fault::sends("500, reset body", [begun(), Step::Reset], FAILED),
        Fault::sends("500, stalled body", [begun(), Step::Stall], FAILED).slow(),
        Fault::any(
            "500, body dripped for ever",
            |_| {
                let head = Step::Write(head(500, ""));
                [head]
                    .into_iter()
                    .chain(trickle(&[b' '; 1000], 1000))
                    .collect()
            },
            fails(500, ErrorKind::Server, Retry::Always),
        )
        .slow(),
        Fault::sends(
            "500, endless body",
            [
                Step::Write(head(500, "")),
                Step::Repeat(vec![b' '; 1 << 14]),
            ],
            FAILED,
        ),
        Fault::sends(
            "500, invalid_request",
            [response(
                500,
                JSON,
                r#"{"error":{"message":"","code":"invalid_request"}}"#,
            )],
            fails(500, ErrorKind::BadRequest, Retry::Never),
        ),
        Fault::sends(
            "503, model_not_found",
            [response(
                503,
                JSON,
                r#"{"error":{"message":"","code":"model_not_found"}}"#,
            )],
            fails(503, ErrorKind::ModelNotFound, Retry::Never),
        ),
        Fault::sends(
            "413 before the request is read",
            [
                Step::SkipRequest,
                response(413, HTML, page(413)),
                Step::Stall,
            ],
            fails(413, ErrorKind::PayloadTooLarge, Retry::Never),
        ),
        Fault::sends(
            "switches protocols",
            [Step::Write(head(101, "upgrade: other\r\n")), Step::Stall],
            fails(101, ErrorKind::Gateway, Retry::Never),
        ),
        Fault::sends(
            "999",
            [response(999, HTML, page(999))],
            fails(999, ErrorKind::Gateway, Retry::Never),
        ),
        Fault::sends(
            "redirects",
            [Step::Write(head(
                307,
                "location: /elsewhere\r\ncontent-length: 0\r\n",
            ))],
            fails(307, ErrorKind::Gateway, Retry::Never),
        ),
    ]
}

const LIMITED: Expectation = fails(429, ErrorKind::RateLimited, Retry::Always);
const LIMITED_FOR_LONG: Expectation =
    fails(429, ErrorKind::RateLimited, Retry::DelayTooLong).asking(RetryAfter::TooLong);

/// 429 with every form of Retry-After.
pub(super) fn retry_after() -> Vec<Fault> {
    let short =
        |milliseconds| LIMITED.asking(RetryAfter::Within(Duration::from_millis(milliseconds)));
    let forms = [
        ("", LIMITED),
        ("retry-after: 0", short(0)),
        ("retry-after: 1", short(1000)),
        ("retry-after: 0.05", short(50)),
        ("retry-after: .05", short(50)),
        ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT", short(0)),
        ("retry-after: Wednesday, 21-Oct-15 07:28:00 GMT", short(0)),
        ("retry-after: Wed Oct 21 07:28:00 2015", short(0)),
        ("retry-after-ms: 50", short(50)),
        ("retry-after: 0\r\nretry-after: 0.05", short(50)),
        ("retry-after:", LIMITED),
        ("retry-after: soon", LIMITED),
        ("retry-after: -1", LIMITED),
        ("retry-after: NaN", LIMITED),
        ("retry-after: 61", LIMITED_FOR_LONG),
        ("retry-after: 99999999999999999999", LIMITED_FOR_LONG),
        ("retry-after: 1e400", LIMITED_FOR_LONG),
        (
            "retry-after: Fri, 31 Dec 9999 23:59:59 GMT",
            LIMITED_FOR_LONG,
        ),
        ("retry-after-ms: 3600000", LIMITED_FOR_LONG),
    ];
    let fault = |(headers, cell): (&'static str, Expectation)| {
        let name = match headers {
            "" => "429, no Retry-After".to_owned(),
            named => format!("429, {}", named.replace("\r\n", " and ")),
        };
        let wire = move |_: &_| {
            let own = match headers {
                "" => String::new(),
                named => format!("{named}\r\n"),
            };
            vec![Step::Write(head(
                429,
                &format!("{own}content-length: 0\r\n"),
            ))]
        };
        Fault::any(name, wire, cell)
    };
    forms.into_iter().map(fault).collect()
}

/// What a HTML response under an error status means: what the status means, because a gateway sends
/// pages as well as the gateway in front of it.
const PAGES: &[(RangeInclusive<u16>, ErrorKind, Retry)] = &[
    (400..=400, ErrorKind::BadRequest, Retry::Never),
    (401..=401, ErrorKind::Authentication, Retry::Never),
    (402..=402, ErrorKind::BadRequest, Retry::Never),
    (403..=403, ErrorKind::PermissionDenied, Retry::Never),
    (404..=404, ErrorKind::NotFound, Retry::Never),
    (405..=407, ErrorKind::BadRequest, Retry::Never),
    (408..=408, ErrorKind::BadRequest, Retry::Always),
    (409..=412, ErrorKind::BadRequest, Retry::Never),
    (413..=413, ErrorKind::PayloadTooLarge, Retry::Never),
    (414..=424, ErrorKind::BadRequest, Retry::Never),
    (425..=425, ErrorKind::BadRequest, Retry::Always),
    (426..=428, ErrorKind::BadRequest, Retry::Never),
    (429..=429, ErrorKind::RateLimited, Retry::Always),
    (430..=499, ErrorKind::BadRequest, Retry::Never),
    (500..=500, ErrorKind::Server, Retry::Always),
    (501..=501, ErrorKind::Server, Retry::Never),
    (502..=502, ErrorKind::Gateway, Retry::Always),
    (503..=504, ErrorKind::Server, Retry::Always),
    (505..=519, ErrorKind::Server, Retry::Never),
    (520..=523, ErrorKind::Gateway, Retry::Always),
    (524..=524, ErrorKind::Server, Retry::Always),
    (525..=599, ErrorKind::Server, Retry::Never),
];

const FAMILY: &str = "HTML under";

/// A HTML response under each of these statuses.
pub(super) fn pages() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (statuses, kind, again) in PAGES {
        for status in statuses.clone() {
            let wire = move |_: &_| vec![response(status, HTML, page(status))];
            let fault = Fault::any(
                format!("{FAMILY} {status}"),
                wire,
                fails(status, *kind, *again),
            );
            faults.push(fault.with_family(FAMILY, status));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::pages;

    #[test]
    fn there_is_a_page_for_every_error_status() {
        let pages = pages();
        let statuses = pages.iter().map(|fault| fault.family.unwrap().number);
        assert!(statuses.eq(400..=599));
    }
}
