//! How long the server asks to wait.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// What is longer is cut to this, so that adding it to a clock can't overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The wait that the headers ask for, the longest if they name several.
///
/// `Retry-After` in seconds, also with a fraction, or as a date compared with `received`, and
/// `retry-after-ms`. What is none of these is ignored.
pub(crate) fn retry_after(headers: &HeaderMap, received: SystemTime) -> Option<Duration> {
    let texts = |name| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
    };
    let waits = texts(RETRY_AFTER.as_str())
        .filter_map(|text| number(text, 1.0).or_else(|| date(text, received)));
    let precise = texts("retry-after-ms").filter_map(|text| number(text, 1000.0));
    waits.chain(precise).max()
}

fn number(text: &str, per_second: f64) -> Option<Duration> {
    let text = text.trim();
    // Else `f64` would take `inf` and `-1`.
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        .then_some(())?;
    let seconds = text.parse::<f64>().ok()? / per_second;
    Some(
        Duration::try_from_secs_f64(seconds)
            .unwrap_or(LONGEST)
            .min(LONGEST),
    )
}

fn date(text: &str, received: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    Some(
        date.duration_since(received)
            .unwrap_or_default()
            .min(LONGEST),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &'static str, value: &str) -> Option<Duration> {
        let received = httpdate::parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT").unwrap();
        let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
        retry_after(&headers, received)
    }

    #[test]
    fn takes_every_form() {
        for (text, expected) in [
            ("0", Some(0)),
            ("3", Some(3_000)),
            (" 3 ", Some(3_000)),
            ("0.25", Some(250)),
            (".5", Some(500)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(30_000)),
            ("Wednesday, 21-Oct-15 07:28:30 GMT", Some(30_000)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("-1", None),
            ("-0.5", None),
            ("+1", None),
            ("nan", None),
            ("inf", None),
            ("soon", None),
            ("3 seconds", None),
            ("", None),
        ] {
            let expected = expected.map(Duration::from_millis);
            assert_eq!(parse("retry-after", text), expected, "{text:?}");
        }
        assert_eq!(
            parse("retry-after-ms", "1500"),
            Some(Duration::from_millis(1500))
        );
        assert_eq!(parse("retry-after-ms", "-1"), None);
    }

    #[test]
    fn cuts_what_is_absurdly_long() {
        for text in [
            "99999999999999999999999999",
            "1e400",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            assert_eq!(parse("retry-after", text), Some(LONGEST), "{text}");
        }
    }

    #[test]
    fn never_undercuts_the_longest_of_several() {
        let mut headers = HeaderMap::new();
        headers.append("retry-after", "2".parse().unwrap());
        headers.append("retry-after", "soon".parse().unwrap());
        headers.append("retry-after", "7".parse().unwrap());
        headers.append("retry-after-ms", "500".parse().unwrap());
        let wait = retry_after(&headers, SystemTime::UNIX_EPOCH);
        assert_eq!(wait, Some(Duration::from_secs(7)));
    }
}
