//! Parser for base URLs, in the spellings that users paste.

use reqwest::Url;

/// The URL to which the path of an operation is appended, without the API's version prefix.
///
/// It ends with a slash only if it has no path: a `Url` always has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    url: Url,
    host: HostKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostKind {
    Loopback,
    Remote,
}

impl BaseUrl {
    /// Parses a URL with or without the version prefix (`/v1`) and slashes at its end. A path before that is
    /// kept. `origin` names the setting in errors.
    ///
    /// No error contains the text, because it may contain a password.
    pub(crate) fn parse(
        text: &str,
        origin: &str,
        version_prefix: Option<&str>,
    ) -> Result<Self, String> {
        let text = text.trim();
        let invalid = |error: &str| Err(format!("{origin} {error}"));
        if text.is_empty() {
            return invalid("is blank");
        }
        // `Url` silently drops line breaks and tabs.
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return invalid("contains white space");
        }
        let mut url = match Url::parse(text) {
            Ok(url) => url,
            Err(error) if !text.contains("://") => {
                return invalid(&format!("must begin with https:// or http:// ({error})"));
            }
            Err(error) => return invalid(&format!("is not a valid URL: {error}")),
        };
        if !matches!(url.scheme(), "https" | "http") {
            return invalid("must begin with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return invalid("must not contain a user name or password");
        }
        if url.query().is_some() {
            return invalid("must not contain a query (`?`)");
        }
        if url.fragment().is_some() {
            return invalid("must not contain a fragment (`#`)");
        }
        let path = url.path().trim_end_matches('/');
        let path = version_prefix
            .and_then(|prefix| path.strip_suffix(prefix))
            .unwrap_or(path)
            .trim_end_matches('/')
            .to_owned();
        url.set_path(&path);
        let host = HostKind::of(&url);
        Ok(Self { url, host })
    }

    /// Returns the URL of a path, which begins with a slash.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        match self.url.path() {
            "/" => url.set_path(path),
            prefix => url.set_path(&[prefix, path].concat()),
        }
        url
    }

    /// Returns the URL without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.host == HostKind::Loopback
    }

    pub(crate) fn is_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Returns whether requests are sent unencrypted to a host other than this machine.
    pub(crate) fn is_plaintext_remote(&self) -> bool {
        self.is_http() && !self.is_loopback()
    }
}

impl HostKind {
    fn of(url: &Url) -> Self {
        let name = url.host_str().unwrap_or_default();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        let loopback = match address.parse::<std::net::IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => name == "localhost" || name.ends_with(".localhost"),
        };
        if loopback {
            Self::Loopback
        } else {
            Self::Remote
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_spellings_are_accepted() {
        for (text, root) in [
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/", "https://api.example.com"),
            ("https://api.example.com/v1", "https://api.example.com"),
            ("https://api.example.com/v1/", "https://api.example.com"),
            ("https://api.example.com//v1//", "https://api.example.com"),
            (
                " https://API.example.com:443/v1\n",
                "https://api.example.com",
            ),
            (
                "https://api.example.com:8443/v1",
                "https://api.example.com:8443",
            ),
            ("https://gw.example/comet/v1", "https://gw.example/comet"),
            ("https://gw.example/comet", "https://gw.example/comet"),
            ("https://gw.example/a/b/", "https://gw.example/a/b"),
            ("https://gw.example/comet-v1", "https://gw.example/comet-v1"),
            ("https://gw.example/v1beta", "https://gw.example/v1beta"),
            ("http://[::1]:8080/v1", "http://[::1]:8080"),
        ] {
            let url = BaseUrl::parse(text, "the base URL", Some("/v1")).unwrap();
            assert_eq!(url.as_str(), root, "{text}");
            let path = url.join("/v1/models");
            assert_eq!(path.as_str(), format!("{root}/v1/models"), "{text}");
        }
    }

    #[test]
    fn errors_do_not_repeat_an_invalid_url() {
        for (text, error) in [
            ("", "is blank"),
            (" \n", "is blank"),
            ("api.example.com", "must begin with https:// or http://"),
            ("/v1", "must begin with https:// or http://"),
            ("localhost:8080", "must begin with https:// or http://"),
            (
                "ftp://api.example.com",
                "must begin with https:// or http://",
            ),
            ("https://", "is not a valid URL: empty host"),
            ("https://api.exa\nmple.com", "contains white space"),
            (
                "https://u:secret@api.example.com",
                "must not contain a user name or password",
            ),
            (
                "https://u:secret@api.example.com:x",
                "is not a valid URL: invalid port number",
            ),
            (
                "https://secret@api.example.com",
                "must not contain a user name or password",
            ),
            (
                "https://api.example.com?key=secret",
                "must not contain a query",
            ),
            (
                "https://api.example.com/#secret",
                "must not contain a fragment",
            ),
        ] {
            let found = BaseUrl::parse(text, "the base URL", Some("/v1")).unwrap_err();
            assert!(
                found.starts_with(&format!("the base URL {error}")),
                "{text}: {found}"
            );
            assert!(!found.contains("secret"), "{found}");
        }
    }

    #[test]
    fn plain_http_to_other_hosts_is_detected() {
        for (text, is_exposed) in [
            ("https://api.example.com", false),
            ("http://api.example.com", true),
            ("http://localhost.example.com", true),
            ("http://10.0.0.1", true),
            ("http://localhost:8080", false),
            ("http://app.localhost", false),
            ("http://127.8.0.1", false),
            ("http://[::1]", false),
            ("http://[::ffff:127.0.0.1]", false),
            ("http://2130706433", false),
        ] {
            assert_eq!(
                BaseUrl::parse(text, "", Some("/v1"))
                    .unwrap()
                    .is_plaintext_remote(),
                is_exposed,
                "{text}"
            );
        }
    }
}
