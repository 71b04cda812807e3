//! The base URL in the forms in which users paste it.

use reqwest::Url;

/// The address that an operation's path is appended to, without `/v1`.
///
/// A slash is at its end only if it has no path: no `Url` is without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BaseUrl {
    url: Url,
    host: Host,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    Loopback,
    Remote,
}

impl BaseUrl {
    /// Takes an address with or without `/v1` and slashes at the end; a path before that is kept.
    ///
    /// No error repeats the text: it may hold a password.
    pub(super) fn parse(text: &str, origin: &str) -> Result<Self, String> {
        let text = text.trim();
        let refuse = |problem: &str| Err(format!("{origin} {problem}"));
        if text.is_empty() {
            return refuse("is blank");
        }
        // `Url` drops line breaks and tabs without a word.
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return refuse("contains white space");
        }
        let mut url = match Url::parse(text) {
            Ok(url) => url,
            Err(problem) if !text.contains("://") => {
                return refuse(&format!("must begin with https:// or http:// ({problem})"));
            }
            Err(problem) => return refuse(&format!("is not an address: {problem}")),
        };
        if !matches!(url.scheme(), "https" | "http") {
            return refuse("must begin with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("must not contain a user name or password");
        }
        if url.query().is_some() {
            return refuse("must not contain a query (`?`)");
        }
        if url.fragment().is_some() {
            return refuse("must not contain a fragment (`#`)");
        }
        let path = url.path().trim_end_matches('/');
        let path = path
            .strip_suffix("/v1")
            .unwrap_or(path)
            .trim_end_matches('/')
            .to_owned();
        url.set_path(&path);
        let host = Host::of(&url);
        Ok(Self { url, host })
    }

    /// The address of a path, which begins with a slash.
    pub(super) fn with_path(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        match self.url.path() {
            "/" => url.set_path(path),
            prefix => url.set_path(&[prefix, path].concat()),
        }
        url
    }

    /// Without a slash at the end.
    pub(super) fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.host == Host::Loopback
    }

    pub(super) fn is_clear_text(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether others on the network could read what is sent.
    pub(super) fn is_exposed(&self) -> bool {
        self.is_clear_text() && !self.is_loopback()
    }
}

impl Host {
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
    fn takes_the_forms_that_users_paste() {
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
            let url = BaseUrl::parse(text, "the base URL").unwrap();
            assert_eq!(url.as_str(), root, "{text}");
            let path = url.with_path("/v1/models");
            assert_eq!(path.as_str(), format!("{root}/v1/models"), "{text}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_a_base_url_without_repeating_it() {
        for (text, problem) in [
            ("", "is blank"),
            (" \n", "is blank"),
            ("api.example.com", "must begin with https:// or http://"),
            ("/v1", "must begin with https:// or http://"),
            ("localhost:8080", "must begin with https:// or http://"),
            (
                "ftp://api.example.com",
                "must begin with https:// or http://",
            ),
            ("https://", "is not an address: empty host"),
            ("https://api.exa\nmple.com", "contains white space"),
            (
                "https://u:geheim@api.example.com",
                "must not contain a user name or password",
            ),
            (
                "https://u:geheim@api.example.com:x",
                "is not an address: invalid port number",
            ),
            (
                "https://geheim@api.example.com",
                "must not contain a user name or password",
            ),
            (
                "https://api.example.com?key=geheim",
                "must not contain a query",
            ),
            (
                "https://api.example.com/#geheim",
                "must not contain a fragment",
            ),
        ] {
            let found = BaseUrl::parse(text, "the base URL").unwrap_err();
            assert!(
                found.starts_with(&format!("the base URL {problem}")),
                "{text}: {found}"
            );
            assert!(!found.contains("geheim"), "{found}");
        }
    }

    #[test]
    fn knows_where_others_can_listen() {
        for (text, exposed) in [
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
                BaseUrl::parse(text, "").unwrap().is_exposed(),
                exposed,
                "{text}"
            );
        }
    }
}
