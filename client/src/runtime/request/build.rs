//! Builder of the `reqwest::Request` of one attempt. Every attempt rebuilds it from the call.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Request, Url};

use crate::runtime::error::Error;
use crate::runtime::http::media_type;
use crate::runtime::request::call::{Call, RequestBody};
use crate::runtime::request::multipart;

/// The bytes that are percent-encoded in a path parameter: all except the unreserved characters of
/// RFC 3986, so that any value stays one segment.
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Call {
    /// Builds the request of one attempt and opens its uploads.
    pub(crate) async fn to_request(&self, accept: &str) -> Result<Request, Error> {
        let request = self.request(accept)?;
        match &self.body {
            RequestBody::Empty | RequestBody::Json(_) => Ok(request),
            RequestBody::Multipart(fields) => {
                let http = self.client.http();
                multipart::attach_form(self.operation, http, request, fields, &self.uploads).await
            }
        }
    }

    /// Builds the request of one attempt without its multipart body, which is opened asynchronously.
    ///
    /// Of headers with the same name the last is sent, in this order: the client's default headers,
    /// the runtime's own, the call's, the API key.
    pub(crate) fn request(&self, accept: &str) -> Result<Request, Error> {
        if let Some(error) = &self.invalid_header {
            return Err(self.invalid_request(error.clone()));
        }
        if let (RequestBody::Empty, Some(name)) = (&self.body, self.extra.keys().next()) {
            return Err(self.invalid_request(format!(
                "`extra` field `{name}`: this operation has no request body"
            )));
        }
        let key = self.client.api_key_for(self.operation)?;
        let mut request = Request::new(self.operation.method.clone(), self.url()?);
        let headers = request.headers_mut();
        headers.clone_from(&self.client.config().headers);
        if let Ok(accept) = HeaderValue::from_str(accept) {
            headers.insert(ACCEPT, accept);
        }
        // A compressed stream arrives late, and audio doesn't get smaller.
        if cfg!(feature = "compression") && !media_type::is_json(accept) {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if let RequestBody::Json(_) = self.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.extend(self.headers.clone());
        if let Some(key) = key {
            headers.insert(AUTHORIZATION, key.bearer_header());
        }
        if let RequestBody::Json(body) = &self.body {
            *request.body_mut() = Some(body.clone().into());
        }
        Ok(request)
    }

    fn url(&self) -> Result<Url, Error> {
        let mut path = String::with_capacity(self.operation.path.len());
        for segment in self.operation.path.split('/').skip(1) {
            path.push('/');
            path.push_str(&self.expand_segment(segment)?);
        }
        let mut url = self.client.url_for(&path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    /// Returns a segment of the path template with its parameters filled in.
    fn expand_segment(&self, template: &'static str) -> Result<Cow<'static, str>, Error> {
        let (mut filled, mut rest) = (String::new(), template);
        while let Some((before, (name, after))) = rest
            .split_once('{')
            .and_then(|(before, inside)| Some((before, inside.split_once('}')?)))
        {
            let value = self.path.iter().find(|(known, _)| *known == name);
            let (_, value) = value.ok_or_else(|| self.missing_field(name))?;
            filled.push_str(before);
            filled.extend(utf8_percent_encode(value, PATH_SEGMENT));
            // A URL parser removes these segments, and with `..` also the segment before it.
            if after.is_empty() && matches!(filled.as_str(), "" | "." | "..") {
                return Err(self.invalid_request(format!("{name} must not be {value:?}")));
            }
            rest = after;
        }
        Ok(if filled.is_empty() {
            template.into()
        } else {
            (filled + rest).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::api::error_kind::ErrorKind;
    use crate::runtime::api::operation::Operation;
    use crate::runtime::test_support::{self, CREATE_THING, GET_THING, LIST_THINGS, client};

    fn request(
        operation: &'static Operation,
        configure: impl FnOnce(&mut Call),
    ) -> Result<Request, Error> {
        let client = client();
        let mut call = Call::new(&client, operation);
        configure(&mut call);
        call.request("application/json")
    }

    #[test]
    fn a_path_parameter_stays_one_segment() {
        let url = |box_name: &str, thing: &str| {
            let request = request(&GET_THING, |call| {
                call.path("box", box_name);
                call.path("thing", thing);
            });
            request.map(|request| request.url().to_string())
        };
        let expected =
            "https://gw.example/comet/v1/boxes/a%2Fb%3Fc%23d%20%25/things/%C3%A4-_.~.json";
        assert_eq!(url("a/b?c#d %", "ä-_.~").unwrap(), expected);
        // `..json` is an ordinary name.
        assert_eq!(
            url("x", ".").unwrap(),
            "https://gw.example/comet/v1/boxes/x/things/..json"
        );
        for name in ["", ".", ".."] {
            let error = url(name, "a").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert_eq!(
                error.to_string(),
                format!("get_thing: box must not be {name:?}")
            );
        }
        let error = request(&GET_THING, |call| call.path("box", 1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "get_thing: missing required field `thing`"
        );
    }

    #[test]
    fn query_parameters_are_replaced_and_repeated() {
        let request = request(&LIST_THINGS, |call| {
            call.query("limit", 1);
            call.query("limit", 2);
            call.query_list("tag", ["a b", "c&d"]);
            call.query_list("none", [0; 0]);
        });
        assert_eq!(
            request.unwrap().url().query(),
            Some("limit=2&tag=a+b&tag=c%26d")
        );
        let without_query = super::tests::request(&LIST_THINGS, |_| ()).unwrap();
        assert_eq!(
            without_query.url().as_str(),
            "https://gw.example/comet/api/things"
        );
    }

    #[test]
    fn a_calls_header_overrides_default_headers() {
        let request = |name: &str| {
            let request = request(&CREATE_THING, |call| {
                call.with_header(name, "caller");
            });
            request.unwrap()
        };
        let headers = request("x-other").headers().clone();
        assert_eq!(headers["x-team"], "default");
        assert_eq!(headers["x-other"], "caller");
        assert_eq!(headers["accept"], "application/json");
        assert_eq!(headers["authorization"], "Bearer sk-secret");
        assert!(headers["authorization"].is_sensitive());
        assert!(headers["user-agent"].to_str().unwrap().contains("-rust/"));
        assert!(!headers.contains_key("content-type"));
        for name in ["X-Team", "accept", "user-agent"] {
            let headers = request(name).headers().clone();
            assert_eq!(
                headers.get_all(name).iter().collect::<Vec<_>>(),
                ["caller"],
                "{name}"
            );
        }
    }

    #[test]
    fn an_invalid_header_fails_the_request() {
        for (name, value, message) in [
            (
                "Authorization",
                "Bearer x",
                "`authorization` cannot be set as a header; configure the API key on the client",
            ),
            ("x y", "a", "invalid header name"),
            (
                "x-y",
                "a\r\nb",
                "the header `x-y` contains a line break or control character",
            ),
        ] {
            let error = request(&LIST_THINGS, |call| call.with_header(name, value)).unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::InvalidRequest, message)
            );
        }
    }

    #[test]
    fn the_api_key_is_sent_only_to_operations_that_require_it() {
        let request = request(&LIST_THINGS, |_| ()).unwrap();
        assert!(!request.headers().contains_key("authorization"));
        let without_key = test_support::builder().build().unwrap();
        let error = Call::new(&without_key, &CREATE_THING)
            .request("*/*")
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingApiKey);
        assert!(error.message().contains("THINGS_KEY"), "{error}");
        assert!(Call::new(&without_key, &LIST_THINGS).request("*/*").is_ok());
    }

    #[test]
    fn the_api_key_is_not_sent_over_plain_http() {
        let over_http = || {
            test_support::builder()
                .api_key("sk-secret")
                .base_url("http://gw.example")
        };
        let client = over_http().build().unwrap();
        let error = Call::new(&client, &CREATE_THING)
            .request("*/*")
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(Call::new(&client, &LIST_THINGS).request("*/*").is_ok());
        let allowed = over_http().danger_allow_http_api_key().build().unwrap();
        assert!(Call::new(&allowed, &CREATE_THING).request("*/*").is_ok());
        let local = over_http().base_url("http://127.0.0.1:1").build().unwrap();
        assert!(Call::new(&local, &CREATE_THING).request("*/*").is_ok());
    }

    #[test]
    fn debug_output_contains_no_api_key_or_header_value() {
        let client = client();
        let mut call = Call::new(&client, &CREATE_THING);
        call.with_header("x-secret", "hidden");
        let builder = test_support::builder()
            .api_key("sk-secret")
            .default_header("x-secret", "hidden");
        let debug = format!(
            "{client:?} {call:?} {builder:?} {:?}",
            call.request("*/*").unwrap()
        );
        assert!(debug.contains("x-secret"), "{debug}");
        assert!(
            !debug.contains("sk-secret") && !debug.contains("hidden"),
            "{debug}"
        );
    }
}
