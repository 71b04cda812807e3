//! The tables that generated code fills: the API, its operations and their errors.

use std::path::Path;

use reqwest::Method;

use crate::runtime::api::error_kind::ErrorKind;

/// What the client must know about the API as a whole.
#[derive(Clone, Copy, Debug)]
pub struct ApiMetadata {
    /// The API's name, for people.
    pub name: &'static str,
    /// The base URL used when none is given.
    pub base_url: &'static str,
    /// Environment variables that may hold the key; the first that isn't blank counts.
    pub key_variables: &'static [&'static str],
    /// The environment variable that may hold the base URL.
    pub base_url_variable: Option<&'static str>,
    /// Response headers that may hold the request id, in lower case, the most trusted first.
    pub request_id_headers: &'static [&'static str],
    /// The text before the request id in an error message, such as `(request id:`. The id ends at the next `)`.
    pub request_id_in_message: Option<&'static str>,
    /// The prefix of versioned paths, such as `/v1`, which is removed from the end of a base URL.
    pub version_prefix: Option<&'static str>,
    /// The properties of a body that report an error under a success status, where the response lacks its own.
    pub error_fields: &'static [ErrorFields],
    /// What traces call the provider.
    pub provider: &'static str,
}

/// Two properties that report an error together, as JSON pointers. An error has both.
#[derive(Clone, Copy, Debug)]
pub struct ErrorFields {
    /// The error code. Blank, zero and the codes of success (200 to 299) are no error.
    pub code: &'static str,
    /// The error message.
    pub message: &'static str,
}

/// One operation of the API.
#[derive(Debug)]
pub struct Operation {
    /// The API that it belongs to.
    pub api: &'static ApiMetadata,
    /// The contract's `operationId`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path under the API's root, with `{name}` for path parameters.
    pub path: &'static str,
    /// The documented success status. Any other 2xx is taken as success too.
    pub success_status: u16,
    /// The media types of the success response.
    pub media_types: &'static [&'static str],
    /// Whether the key is sent.
    pub authenticated: bool,
    /// Whether the request may be sent a second time without harm.
    pub idempotent: bool,
    /// The files of its multipart body.
    pub uploads: &'static [FileField],
    /// The documented error responses.
    pub errors: &'static [StatusErrors],
    /// The page of the API's documentation.
    pub docs_url: Option<&'static str>,
    /// What traces tell of it, if it generates something.
    pub telemetry: Option<GenAiAttributes>,
}

/// What OpenTelemetry's conventions for generative AI call an operation, and where the values stand
/// that they ask for: in the body of the request, and as paths with dots in the response or its events.
#[derive(Clone, Copy, Debug)]
pub struct GenAiAttributes {
    /// `gen_ai.operation.name`.
    pub operation: &'static str,
    /// `gen_ai.request.model`, a field of the body.
    pub request_model: Option<&'static str>,
    /// `gen_ai.response.id`.
    pub response_id: Option<&'static str>,
    /// `gen_ai.response.model`.
    pub response_model: Option<&'static str>,
    /// `gen_ai.response.finish_reasons`.
    pub finish_reasons: Option<&'static str>,
    /// `gen_ai.usage.input_tokens`.
    pub input_tokens: Option<&'static str>,
    /// `gen_ai.usage.output_tokens`.
    pub output_tokens: Option<&'static str>,
}

/// A file of a multipart body.
#[derive(Clone, Copy, Debug)]
pub struct FileField {
    /// The name of its part.
    pub name: &'static str,
    /// The documented file extensions, in lower case, each with the media type of the part. None
    /// means that the contract doesn't say.
    pub extensions: &'static [(&'static str, &'static str)],
}

/// What the contract says about errors delivered under one status.
#[derive(Clone, Copy, Debug)]
pub struct StatusErrors {
    /// The status. A 2xx stands for an error object delivered under a success status.
    pub status: u16,
    /// The rules, tried in order.
    pub rules: &'static [ErrorRule],
}

/// How one error is classed, and what to tell the user about it.
#[derive(Clone, Copy, Debug)]
pub struct ErrorRule {
    /// The error code it is for; `None` fits any, and none.
    pub code: Option<&'static str>,
    /// The kind that the error gets.
    pub kind: ErrorKind,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// One sentence that says what to do. Blank means: what is said for the kind.
    pub help: &'static str,
    /// A page of the API's documentation about this error.
    pub docs_url: Option<&'static str>,
}

impl StatusErrors {
    /// What one status means.
    pub const fn new(status: u16, rules: &'static [ErrorRule]) -> Self {
        Self { status, rules }
    }
}

impl FileField {
    /// The documented media type for a file of this name, if its extension is documented.
    pub(crate) fn content_type(&self, file_name: &str) -> Option<&'static str> {
        let extension = Path::new(file_name).extension()?.to_str()?;
        let mut known = self.extensions.iter();
        let (_, media_type) = known.find(|(known, _)| known.eq_ignore_ascii_case(extension))?;
        Some(media_type)
    }
}

impl Operation {
    /// The file of this name.
    pub(crate) fn upload(&self, name: &str) -> Option<&'static FileField> {
        self.uploads.iter().find(|field| field.name == name)
    }

    /// The rule for an error response of this status and code.
    ///
    /// A documented status decides by its own rules. An error object under an undocumented success
    /// status is looked up by its code among all rules. Anything else is classed by what RFC 9110
    /// and its successors say about the status.
    pub(crate) fn classify(&self, status: u16, code: Option<&str>) -> ErrorRule {
        let fits = |rule: &&ErrorRule| rule.code.is_none() || rule.code == code;
        let documented = self.errors.iter().find(|entry| entry.status == status);
        if let Some(rule) = documented.and_then(|entry| entry.rules.iter().find(fits)) {
            return *rule;
        }
        if (200..300).contains(&status) {
            let named = |rule: &&ErrorRule| rule.code.is_some() && rule.code == code;
            let mut rules = self.errors.iter().flat_map(|entry| entry.rules);
            return rules.find(named).copied().unwrap_or(default_rule(status));
        }
        default_rule(status)
    }
}

fn default_rule(status: u16) -> ErrorRule {
    let kind = match status {
        401 => ErrorKind::Authentication,
        403 => ErrorKind::PermissionDenied,
        404 => ErrorKind::NotFound,
        413 => ErrorKind::PayloadTooLarge,
        429 => ErrorKind::RateLimited,
        400..=499 => ErrorKind::BadRequest,
        200..=299 | 500..=599 => ErrorKind::Server,
        _ => ErrorKind::Gateway,
    };
    ErrorRule {
        code: None,
        kind,
        retryable: matches!(status, 408 | 425 | 429 | 502 | 503 | 504),
        help: match status {
            300..=399 => {
                "Check the base URL: the server redirects to another address, and redirects are never followed."
            }
            408 | 425 => "Send the same request again; the server did not take it this time.",
            _ => "",
        },
        docs_url: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn rule(code: Option<&'static str>, kind: ErrorKind, retryable: bool) -> ErrorRule {
        ErrorRule {
            code,
            kind,
            retryable,
            help: "",
            docs_url: None,
        }
    }

    static OPERATION: Operation = Operation {
        api: &crate::runtime::test_support::API,
        id: "create_thing",
        method: Method::POST,
        path: "/v1/things",
        success_status: 200,
        media_types: &["application/json"],
        authenticated: true,
        idempotent: false,
        uploads: &[],
        errors: &[
            StatusErrors {
                status: 418,
                rules: &[rule(Some("tea"), ErrorKind::PermissionDenied, true)],
            },
            StatusErrors {
                status: 500,
                rules: &[
                    rule(Some("invalid_request"), ErrorKind::BadRequest, false),
                    rule(None, ErrorKind::Server, true),
                ],
            },
            StatusErrors {
                status: 503,
                rules: &[rule(None, ErrorKind::Server, true)],
            },
        ],
        docs_url: None,
        telemetry: None,
    };

    #[test]
    fn an_extension_tells_the_media_type() {
        let field = FileField {
            name: "file",
            extensions: &[("mp3", "audio/mpeg"), ("wav", "audio/wav")],
        };
        for (name, media_type) in [
            ("a.mp3", Some("audio/mpeg")),
            ("A.B.WaV", Some("audio/wav")),
            ("a.mp3.zip", None),
            ("mp3", None),
            (".mp3", None),
            ("a.", None),
            ("", None),
        ] {
            assert_eq!(field.content_type(name), media_type, "{name}");
        }
    }

    #[track_caller]
    fn assert_rule(status: u16, code: Option<&str>, kind: ErrorKind, retryable: bool) {
        let rule = OPERATION.classify(status, code);
        assert_eq!(
            (rule.kind, rule.retryable),
            (kind, retryable),
            "{status} {code:?}"
        );
    }

    #[test]
    fn a_documented_status_decides_by_its_rules() {
        assert_rule(500, Some("invalid_request"), ErrorKind::BadRequest, false);
        assert_rule(500, Some("other"), ErrorKind::Server, true);
        assert_rule(500, None, ErrorKind::Server, true);
        assert_rule(418, Some("tea"), ErrorKind::PermissionDenied, true);
        assert_rule(418, Some("coffee"), ErrorKind::BadRequest, false);
    }

    #[test]
    fn an_error_under_success_is_looked_up_by_code() {
        assert_rule(200, Some("invalid_request"), ErrorKind::BadRequest, false);
        assert_rule(200, Some("tea"), ErrorKind::PermissionDenied, true);
        assert_rule(200, Some("other"), ErrorKind::Server, false);
        assert_rule(200, None, ErrorKind::Server, false);
    }

    #[test]
    fn an_undocumented_status_is_classed_by_its_meaning() {
        assert_rule(400, None, ErrorKind::BadRequest, false);
        assert_rule(
            401,
            Some("invalid_request"),
            ErrorKind::Authentication,
            false,
        );
        assert_rule(404, None, ErrorKind::NotFound, false);
        assert_rule(408, None, ErrorKind::BadRequest, true);
        assert_rule(425, None, ErrorKind::BadRequest, true);
        assert_rule(429, None, ErrorKind::RateLimited, true);
        assert_rule(502, None, ErrorKind::Server, true);
        assert_rule(504, None, ErrorKind::Server, true);
        assert_rule(501, None, ErrorKind::Server, false);
        assert_rule(301, None, ErrorKind::Gateway, false);
        assert_rule(700, None, ErrorKind::Gateway, false);
    }

    #[test]
    fn what_may_be_sent_again_is_not_to_be_corrected() {
        for status in [408, 425] {
            let rule = OPERATION.classify(status, None);
            assert!(rule.retryable && rule.help.starts_with("Send the same request again"));
        }
        assert_eq!(OPERATION.classify(409, None).help, "");
    }
}
