//! The response that a request requests by its `Prefer` headers.

use http::HeaderMap;

/// `code=429`, `example=NAME`, or both. Other preferences are none of the mock's.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefer {
    pub(crate) code: Option<String>,
    pub(crate) example: Option<String>,
}

impl Prefer {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all("prefer").into_iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let mut prefer = Self::default();
        for preference in values.flat_map(|value| value.split([',', ';'])) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = Some(value.trim().trim_matches('"').to_owned());
            match name.trim().to_ascii_lowercase().as_str() {
                "code" => prefer.code = value,
                "example" => prefer.example = value,
                _ => {}
            }
        }
        prefer
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::Prefer;

    #[test]
    fn preferences_stand_in_one_header_or_several() {
        let both = Prefer {
            code: Some("429".into()),
            example: Some("busy".into()),
        };
        for headers in [
            &["code=429, example=busy"][..],
            &["code=429", "example=busy"],
            &["respond-async; Example = \"busy\";code=429"],
        ] {
            let value = |text: &&'static str| HeaderValue::from_static(text);
            let headers = headers.iter().map(value);
            let headers: HeaderMap = headers
                .map(|value| ("prefer".parse().unwrap(), value))
                .collect();
            // A repeated name would overwrite: `collect` appends.
            assert_eq!(Prefer::read(&headers), both, "{headers:?}");
        }
        assert!(Prefer::read(&HeaderMap::new()).is_empty());
    }
}
