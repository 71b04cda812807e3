//! The constructors of the clients, which know the API and the environment variables.

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::docs::comment as docs;
use crate::ir::input::GeneratorInput;

pub fn file(source: &GeneratorInput<'_>) -> TokenStream {
    let config = source.contract.root().get("x-client-config");
    let keys = config
        .as_ref()
        .and_then(|config| config.get("key-variables"));
    let keys = keys.iter().flat_map(Node::items);
    let keys: Vec<String> = keys
        .filter_map(|key| Some(format!("`{}`", key.value().as_str()?)))
        .collect();
    let url = config
        .as_ref()
        .and_then(|config| config.str("base-url-variable"));
    let key_text = match keys.as_slice() {
        [] => "No variable holds an API key.".to_owned(),
        [one] => format!("The API key is read from {one}."),
        [first, rest @ ..] => format!(
            "The API key is read from {first}, or else {}.",
            rest.join(", or else ")
        ),
    };
    let url_text = url.map_or_else(String::new, |url| {
        format!(" The base URL is read from `{url}`; without it the API's public URL is used.")
    });
    let about = docs::comment(&format!(
        "Creates a client with API key and base URL from the environment. {key_text}{url_text}\n\n\
         Values are trimmed, and a blank variable counts as missing. A missing API key is no error here: an operation \
         that needs one fails with [`ErrorKind::MissingApiKey`] before anything is sent.\n\n\
         # Errors\n\n\
         [`ErrorKind::Configuration`] if the value of a variable is invalid; the message names the variable."
    ));
    quote! {
        //! The constructors of the clients.

        use secrecy::SecretString;
        use crate::runtime::codegen::{Client, ClientBuilder, Error};
        #[cfg(doc)]
        use crate::runtime::codegen::ErrorKind;
        #[cfg(feature = "blocking")]
        use crate::runtime::blocking;
        use super::tables::API;

        impl Client {
            /// Creates a client with this API key and the defaults of everything else. White space around the
            /// key is removed. Nothing is read from the environment, and nothing is sent.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Configuration`] if the key is blank or isn't valid in a header, or if the system's TLS
            /// can't be initialised.
            pub fn new(api_key: impl Into<SecretString>) -> Result<Self, Error> {
                Self::builder().api_key(api_key).build()
            }

            #about
            pub fn from_env() -> Result<Self, Error> {
                Self::builder().env_vars().build()
            }

            /// Returns a builder for a client with other settings.
            pub fn builder() -> ClientBuilder {
                ClientBuilder::new(&API)
            }
        }

        #[cfg(feature = "blocking")]
        #[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
        impl blocking::Client {
            /// Creates a client with this API key and the defaults of everything else; see [`Client::new`].
            ///
            /// # Errors
            ///
            /// Those of [`build`](blocking::ClientBuilder::build).
            pub fn new(api_key: impl Into<SecretString>) -> Result<Self, Error> {
                Self::builder().api_key(api_key).build()
            }

            /// Creates a client with API key and base URL from the environment variables that
            /// [`Client::from_env`] names.
            ///
            /// # Errors
            ///
            /// Those of [`build`](blocking::ClientBuilder::build); the message names the variable.
            pub fn from_env() -> Result<Self, Error> {
                Self::builder().env_vars().build()
            }

            /// Returns a builder for a client with other settings.
            pub fn builder() -> blocking::ClientBuilder {
                blocking::ClientBuilder::new(&API)
            }
        }
    }
}
