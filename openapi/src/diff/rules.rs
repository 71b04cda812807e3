//! What can change, and which version that alone asks for.

/// How far a version has to rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    None,
    /// Nothing that a program can observe but texts.
    Patch,
    /// Programs go on compiling and working.
    Minor,
    /// Programs may have to change.
    Major,
}

/// A kind of change.
#[derive(Debug)]
pub struct Rule {
    /// Its stable name.
    pub id: &'static str,
    /// What has changed, as a predicate of the subject.
    pub summary: &'static str,
    /// The version that it asks for, whatever it does to the Rust API.
    pub level: Level,
    /// Which behaviour of the client it changes beside its types.
    pub behavior: Option<&'static str>,
}

impl Rule {
    /// Whether only people read what it is about.
    pub fn is_text(&self) -> bool {
        [DOCUMENTATION_CHANGED.id, EXAMPLE_CHANGED.id].contains(&self.id)
    }
}

/// Declares the rules, each as a constant, and the list of all.
macro_rules! rules {
    ($($name:ident = $id:literal, $level:ident, $behavior:expr, $summary:literal;)*) => {
        $(pub(super) static $name: Rule = Rule {
            id: $id,
            summary: $summary,
            level: Level::$level,
            behavior: $behavior,
        };)*

        /// All rules.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

const ADDRESS: Option<&str> = Some("base URL");
const AUTH: Option<&str> = Some("security");
const ERRORS: Option<&str> = Some("errors");
const FORMAT: Option<&str> = Some("default format");
const RETRIES: Option<&str> = Some("retries");
const STREAM: Option<&str> = Some("stream protocol");
const TELEMETRY: Option<&str> = Some("telemetry");

rules! {
    UNCLASSIFIED = "unclassified", Major, None, "differs in a way that no rule knows";
    DOCUMENTATION_CHANGED = "documentation-changed", Patch, None, "is described differently";
    EXAMPLE_CHANGED = "example-changed", Patch, None, "has other examples";
    VERSION_CHANGED = "version-changed", None, None, "has another version";

    SERVER_CHANGED = "server-changed", Minor, ADDRESS, "is at another base URL";
    SERVER_ADDED = "server-added", Patch, None, "has another server";
    SERVER_REMOVED = "server-removed", Patch, None, "no longer has a server";
    CLIENT_CONFIG_CHANGED = "client-config-changed", Minor, Some("configuration"), "configures the client differently";
    ERROR_FIELDS_CHANGED = "error-fields-changed", Minor, ERRORS, "reports errors in other properties";
    SECURITY_SCHEME_CHANGED = "security-scheme-changed", Minor, AUTH, "authenticates in another way";

    OPERATION_ADDED = "operation-added", Minor, None, "is new";
    OPERATION_REMOVED = "operation-removed", Major, None, "is gone";
    OPERATION_RENAMED = "operation-renamed", Major, None, "has another id";
    OPERATION_DEPRECATED = "operation-deprecated", Minor, None, "is deprecated";
    OPERATION_RESTORED = "operation-restored", Minor, None, "is no longer deprecated";
    PATH_CHANGED = "path-changed", Minor, None, "has another path";
    METHOD_CHANGED = "method-changed", Minor, None, "has another method";
    TAG_CHANGED = "tag-changed", Patch, None, "has another tag";
    AUTH_REQUIRED = "auth-required", Major, AUTH, "requires a key now";
    AUTH_NOT_REQUIRED = "auth-not-required", Minor, AUTH, "no longer requires a key";
    AUTH_CHANGED = "auth-changed", Major, AUTH, "requires other credentials";
    IDEMPOTENCY_CHANGED = "idempotency-changed", Minor, RETRIES, "may be sent twice, or no longer";
    TELEMETRY_CHANGED = "telemetry-changed", Minor, TELEMETRY, "has other trace attributes";
    CALLBACKS_CHANGED = "callbacks-changed", None, None, "has other callbacks, which no client of this kind receives";
    LINKS_CHANGED = "links-changed", None, None, "has other links, which no client of this kind follows";

    PARAMETER_ADDED = "parameter-added", Minor, None, "is a new optional parameter";
    REQUIRED_PARAMETER_ADDED = "required-parameter-added", Major, None, "is a new required parameter";
    PARAMETER_REMOVED = "parameter-removed", Major, None, "is no longer a parameter";
    PARAMETER_BECAME_REQUIRED = "parameter-became-required", Major, None, "is a required parameter now";
    PARAMETER_BECAME_OPTIONAL = "parameter-became-optional", Minor, None, "is an optional parameter now";
    PARAMETER_STYLE_CHANGED = "parameter-style-changed", Minor, None, "is written into the address in another way";

    REQUEST_BODY_ADDED = "request-body-added", Major, None, "accepts a body now";
    REQUEST_BODY_REMOVED = "request-body-removed", Major, None, "no longer accepts a body";
    REQUEST_BODY_BECAME_REQUIRED = "request-body-became-required", Major, None, "requires its body now";
    REQUEST_BODY_BECAME_OPTIONAL = "request-body-became-optional", Minor, None, "no longer requires its body";
    REQUEST_MEDIA_TYPE_ADDED = "request-media-type-added", Minor, None, "accepts another media type";
    REQUEST_MEDIA_TYPE_REMOVED = "request-media-type-removed", Minor, None, "no longer accepts a media type";
    ENCODING_CHANGED = "encoding-changed", Minor, None, "is sent with another content type";
    FILE_EXTENSIONS_CHANGED = "file-extensions-changed", Minor, None, "has other documented file types";

    SUCCESS_STATUS_CHANGED = "success-status-changed", Minor, None, "succeeds with another status";
    SUCCESS_STATUS_ADDED = "success-status-added", Minor, None, "may succeed with another status";
    SUCCESS_STATUS_REMOVED = "success-status-removed", Minor, None, "no longer succeeds with a status";
    SUCCESS_REMOVED = "success-removed", Major, None, "no longer has a documented success";
    ERROR_STATUS_ADDED = "error-status-added", Minor, ERRORS, "has another documented error";
    ERROR_STATUS_REMOVED = "error-status-removed", Minor, ERRORS, "no longer has a documented error";
    RESPONSE_MEDIA_TYPE_ADDED = "response-media-type-added", Minor, None, "may respond in another media type";
    RESPONSE_MEDIA_TYPE_REMOVED = "response-media-type-removed", Minor, None, "no longer responds in a media type";
    ERROR_MEDIA_TYPE_CHANGED = "error-media-type-changed", Patch, None, "has errors in other media types";
    RESPONSE_HEADER_ADDED = "response-header-added", Minor, None, "has another documented header";
    RESPONSE_HEADER_REMOVED = "response-header-removed", Minor, None, "no longer has a documented header";
    RESPONSE_HEADER_CHANGED = "response-header-changed", Minor, None, "has a header of another form";
    SELECTOR_FIELD_CHANGED = "selector-field-changed", Major, FORMAT, "chooses the response by another field";
    SELECTOR_DEFAULT_CHANGED = "selector-default-changed", Major, FORMAT, "has another default format";
    SELECTOR_VALUE_ADDED = "selector-value-added", Minor, None, "can respond in another format";
    SELECTOR_VALUE_REMOVED = "selector-value-removed", Major, None, "can no longer respond in a format";
    SELECTOR_MEDIA_TYPE_CHANGED = "selector-media-type-changed", Minor, None, "responds in another media type in that format";
    STREAM_PARAMETER_CHANGED = "stream-parameter-changed", Major, STREAM, "is streamed by another field";
    STREAM_SENTINEL_CHANGED = "stream-sentinel-changed", Minor, STREAM, "ends its streams in another way";
    STREAM_FIELD_CHANGED = "stream-field-changed", Minor, STREAM, "has other properties of its events for accumulating them";

    ERROR_KIND_CHANGED = "error-kind-changed", Minor, ERRORS, "has errors of another kind";
    ERROR_RETRY_CHANGED = "error-retry-changed", Minor, RETRIES, "has errors that are retried, or no longer";
    ERROR_HELP_CHANGED = "error-help-changed", Patch, Some("advice"), "has other advice for an error";
    ERROR_CODE_ADDED = "error-code-added", Minor, ERRORS, "has another error code";
    ERROR_CODE_REMOVED = "error-code-removed", Minor, ERRORS, "no longer has an error code";
    ERROR_ORDER_CHANGED = "error-order-changed", Minor, ERRORS, "has its error rules in another order";

    TYPE_CHANGED = "type-changed", Minor, None, "has another type";
    TYPE_WIDENED = "type-widened", Minor, None, "may have another type too";
    TYPE_NARROWED = "type-narrowed", Minor, None, "has fewer types";
    FORMAT_CHANGED = "format-changed", Minor, None, "has another format";
    COMPONENT_RENAMED = "component-renamed", Minor, None, "has another name in the contract";
    NULL_ADDED = "null-added", Minor, None, "may be null now";
    NULL_REMOVED = "null-removed", Minor, None, "can no longer be null";
    PROPERTY_ADDED = "property-added", Minor, None, "is new";
    REQUIRED_PROPERTY_ADDED = "required-property-added", Major, None, "is new and required in a request";
    PROPERTY_REMOVED = "property-removed", Major, None, "is gone";
    PROPERTY_BECAME_REQUIRED = "property-became-required", Minor, None, "is required now";
    REQUEST_PROPERTY_BECAME_REQUIRED = "request-property-became-required", Major, None, "is required in a request now";
    PROPERTY_BECAME_OPTIONAL = "property-became-optional", Minor, None, "is optional now";
    PROPERTY_ACCESS_CHANGED = "property-access-changed", Minor, None, "is read-only or write-only, or no longer";
    PROPERTY_DEPRECATED = "property-deprecated", Minor, None, "is deprecated, or no longer";
    ADDITIONAL_PROPERTIES_FORBIDDEN = "additional-properties-forbidden", Minor, None, "no longer accepts unlisted properties";
    ADDITIONAL_PROPERTIES_ALLOWED = "additional-properties-allowed", Minor, None, "accepts unlisted properties now";
    ENUM_VALUE_ADDED = "enum-value-added", Minor, None, "has a new value";
    ENUM_VALUE_REMOVED = "enum-value-removed", Major, None, "no longer has a value";
    ENUM_ADDED = "enum-added", Minor, None, "is one of a list of values now";
    ENUM_REMOVED = "enum-removed", Minor, None, "is any value now, not one of a list";
    ENUM_CLOSED = "enum-closed", Major, None, "will get no new values";
    ENUM_OPENED = "enum-opened", Major, None, "may get new values";
    UNION_VARIANT_ADDED = "union-variant-added", Minor, None, "has another variant";
    UNION_VARIANT_REMOVED = "union-variant-removed", Major, None, "no longer has a variant";
    UNION_MATCHING_CHANGED = "union-matching-changed", Patch, None, "matches one of its variants, or at least one";
    DISCRIMINATOR_CHANGED = "discriminator-changed", Minor, None, "has another discriminator property";
    DISCRIMINATOR_VALUE_CHANGED = "discriminator-value-changed", Minor, None, "has a variant under another value";
    LIMIT_TIGHTENED = "limit-tightened", Patch, None, "has a narrower limit";
    LIMIT_LOOSENED = "limit-loosened", Patch, None, "has a wider limit";
    DEFAULT_CHANGED = "default-changed", Patch, None, "has another default";
    REPRESENTATION_CHANGED = "representation-changed", Minor, None, "is represented differently in Rust";
    NULL_READ_AS_EMPTY = "null-read-as-empty", Minor, None, "may be null for an empty list or object now";
    NULL_NOT_READ_AS_EMPTY = "null-not-read-as-empty", Minor, None, "can no longer be null for an empty list or object";
    TEXT_PARTS_CHANGED = "text-parts-changed", Minor, None, "may come as a list of other parts";
    REPORTED_ERROR_CHANGED = "reported-error-changed", Minor, ERRORS, "reports an error, or no longer";
}
