//! Metadata in generated code: the API, its operations and their error rules.

use std::path::Path;

use reqwest::Method;

use crate::runtime::api::error_kind::ErrorKind;

/// The metadata of an API.
#[derive(Clone, Copy, Debug)]
pub struct ApiMetadata {
    /// The display name.
    pub name: &'static str,
    /// The default base URL.
    pub base_url: &'static str,
    /// The environment variables for the API key; the first that isn't blank is used.
    pub key_variables: &'static [&'static str],
    /// The environment variable for the base URL.
    pub base_url_variable: Option<&'static str>,
    /// The response headers for the request id, in lower case and in order of preference.
    pub request_id_headers: &'static [&'static str],
    /// The text before the request id in an error message, such as `(request id:`. The id ends at the next `)`.
    pub request_id_in_message: Option<&'static str>,
    /// The prefix of versioned paths, such as `/v1`, which is removed from the end of a base URL.
    pub version_prefix: Option<&'static str>,
    /// The properties by which a body under a success status reports an error, if it lacks the expected ones.
    pub error_fields: &'static [ErrorFields],
    /// The provider's name in traces: `gen_ai.provider.name`.
    pub provider: &'static str,
}

/// The JSON pointers of two properties that report an error if both are present.
#[derive(Clone, Copy, Debug)]
pub struct ErrorFields {
    /// The error code. A blank code, 0 and 200 to 299 are no error.
    pub code: &'static str,
    /// The error message.
    pub message: &'static str,
}

/// One operation of the API.
#[derive(Debug)]
pub struct Operation {
    /// The API of the operation.
    pub api: &'static ApiMetadata,
    /// The contract's `operationId`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path under the API's root, with `{name}` for path parameters.
    pub path: &'static str,
    /// The documented success status. Any other 2xx is a success too.
    pub success_status: u16,
    /// The media types of the success response.
    pub media_types: &'static [&'static str],
    /// Whether the API key is sent.
    pub authenticated: bool,
    /// Whether sending the request several times has the same effect as sending it once.
    pub idempotent: bool,
    /// The file fields of the multipart body.
    pub uploads: &'static [FileField],
    /// The documented error responses.
    pub errors: &'static [StatusErrors],
    /// The URL of the operation's documentation.
    pub docs_url: Option<&'static str>,
    /// The attributes of its spans, if it generates content.
    pub telemetry: Option<GenAiAttributes>,
}

/// The attributes of OpenTelemetry's conventions for generative AI: the operation's name, and for each other
/// attribute a field of the request body, or a dotted path in the response or its events.
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

/// A file field of a multipart body.
#[derive(Clone, Copy, Debug)]
pub struct FileField {
    /// The name of its part.
    pub name: &'static str,
    /// The documented file extensions in lower case, each with the media type of the part. Empty if none are
    /// documented.
    pub extensions: &'static [(&'static str, &'static str)],
}

/// The error rules of one status.
#[derive(Clone, Copy, Debug)]
pub struct StatusErrors {
    /// The status. A 2xx is for error objects under a success status.
    pub status: u16,
    /// The rules, of which the first that matches applies.
    pub rules: &'static [ErrorRule],
}

/// The classification of an error, with its help.
#[derive(Clone, Copy, Debug)]
pub struct ErrorRule {
    /// The error code that the rule matches; `None` matches every error, with or without a code.
    pub code: Option<&'static str>,
    /// The kind of the error.
    pub kind: ErrorKind,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// One sentence on what to do; if empty, the help of the kind applies.
    pub help: &'static str,
    /// The URL of the API's documentation of this error.
    pub docs_url: Option<&'static str>,
}

impl StatusErrors {
    /// Creates the rules of one status.
    pub const fn new(status: u16, rules: &'static [ErrorRule]) -> Self {
        Self { status, rules }
    }
}

impl FileField {
    /// Returns the media type for a file of this name, if its extension is documented.
    pub(crate) fn content_type(&self, file_name: &str) -> Option<&'static str> {
        let extension = Path::new(file_name).extension()?.to_str()?;
        let mut known = self.extensions.iter();
        let (_, media_type) = known.find(|(known, _)| known.eq_ignore_ascii_case(extension))?;
        Some(media_type)
    }
}

impl Operation {
    /// Returns the file field of this name.
    pub(crate) fn upload(&self, name: &str) -> Option<&'static FileField> {
        self.uploads.iter().find(|field| field.name == name)
    }

    /// Returns the rule for an error response of this status and code.
    ///
    /// A documented status is classified by its own rules. An error object under an undocumented success
    /// status is looked up by its code among all rules. Any other status is classified by its definition in
    /// RFC 9110 and later RFCs.
    pub(crate) fn classify(&self, status: u16, code: Option<&str>) -> ErrorRule {
        let matches = |rule: &&ErrorRule| rule.code.is_none() || rule.code == code;
        let documented = self.errors.iter().find(|entry| entry.status == status);
        if let Some(rule) = documented.and_then(|entry| entry.rules.iter().find(matches)) {
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
    fn the_media_type_follows_from_the_extension() {
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
    fn a_documented_status_is_classified_by_its_rules() {
        assert_rule(500, Some("invalid_request"), ErrorKind::BadRequest, false);
        assert_rule(500, Some("other"), ErrorKind::Server, true);
        assert_rule(500, None, ErrorKind::Server, true);
        assert_rule(418, Some("tea"), ErrorKind::PermissionDenied, true);
        assert_rule(418, Some("coffee"), ErrorKind::BadRequest, false);
    }

    #[test]
    fn an_error_under_a_success_status_is_looked_up_by_code() {
        assert_rule(200, Some("invalid_request"), ErrorKind::BadRequest, false);
        assert_rule(200, Some("tea"), ErrorKind::PermissionDenied, true);
        assert_rule(200, Some("other"), ErrorKind::Server, false);
        assert_rule(200, None, ErrorKind::Server, false);
    }

    #[test]
    fn an_undocumented_status_is_classified_by_its_definition() {
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
    fn retryable_request_errors_have_help_of_their_own() {
        for status in [408, 425] {
            let rule = OPERATION.classify(status, None);
            assert!(rule.retryable && rule.help.starts_with("Send the same request again"));
        }
        assert_eq!(OPERATION.classify(409, None).help, "");
    }
}
