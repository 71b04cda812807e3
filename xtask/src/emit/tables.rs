//! What is true of the API, of each operation and of each error, as statics.

use std::collections::BTreeMap;

use cometapi_contract::{Node, Response};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::operations::page;
use super::{OperationSource, Source, ident};
use crate::names;

pub fn file(source: &Source<'_>) -> Result<TokenStream, String> {
    let api = api(source);
    let mut rules = BTreeMap::new();
    let rows = source
        .operations
        .iter()
        .map(|operation| row(operation, &mut rules))
        .collect::<Result<Vec<_>, _>>()?;
    let rules = rules.values();
    let all = source
        .operations
        .iter()
        .map(|operation| ident(&names::constant(operation.operation.id())));
    let has_uploads = source
        .operations
        .iter()
        .any(|operation| !operation.files().is_empty());
    let upload_field = has_uploads.then(|| quote!(, UploadField));
    Ok(quote! {
        //! The contract's tables: the API, its operations, its errors.

        use crate::runtime::{Api, Documented, ErrorRule, Kind, Method, Operation #upload_field};

        #api

        /// All operations, in the contract's order.
        pub static OPERATIONS: &[&Operation] = &[#(&#all),*];

        #(#rows)*
        #(#rules)*
    })
}

fn api(source: &Source<'_>) -> TokenStream {
    let root = source.contract.root();
    let name = root.path(&["info", "title"]);
    let name = name
        .and_then(|name| name.value().as_str())
        .unwrap_or_default();
    let server = root
        .get("servers")
        .and_then(|servers| servers.items().into_iter().next());
    let base_url = server
        .as_ref()
        .and_then(|server| server.text("url"))
        .unwrap_or_default();
    let base_url = base_url.trim_end_matches('/');
    let client = root.get("x-client");
    let list = |key: &str| {
        let list = client.as_ref().and_then(|client| client.get(key));
        let items = list.iter().flat_map(Node::items);
        let texts: Vec<&str> = items.filter_map(|item| item.value().as_str()).collect();
        quote!(&[#(#texts),*])
    };
    let key_variables = list("key-variables");
    let request_id_headers = list("request-id-headers");
    let base_url_variable = client
        .as_ref()
        .and_then(|client| client.text("base-url-variable"));
    let base_url_variable = option(base_url_variable);
    quote! {
        /// The API as a whole.
        pub static API: Api = Api {
            name: #name,
            base_url: #base_url,
            key_variables: #key_variables,
            base_url_variable: #base_url_variable,
            request_id_headers: #request_id_headers,
        };
    }
}

fn row(
    source: &OperationSource<'_>,
    rules: &mut BTreeMap<String, TokenStream>,
) -> Result<TokenStream, String> {
    let operation = &source.operation;
    let id = operation.id();
    let name = ident(&names::constant(id));
    let method = ident(operation.method());
    let path = operation.path();
    let success = operation
        .success()
        .ok_or_else(|| format!("{id} has no success"))?;
    let status = status(&success)?;
    let media_types = success.media_types();
    let media_types = media_types.iter().map(|media_type| media_type.name);
    let uploads = source.files().iter().map(|file| {
        let name = file.name;
        let extensions = file
            .extensions
            .iter()
            .map(|(extension, media_type)| quote!((#extension, #media_type)));
        quote!(UploadField { name: #name, extensions: &[#(#extensions),*] })
    });
    let authenticated = operation.authenticated();
    let send_twice = operation.node().flag("x-send-twice");
    let page = option(page(operation.node()));
    let mut documented = Vec::new();
    for response in operation.responses() {
        if let Some(list) = response.node.get("x-errors") {
            let status = self::status(&response)?;
            let list = list.resolved();
            let table = rule_table(&list);
            let rows = list.items();
            let rows = rows.iter().map(rule);
            let table_name = ident(&table);
            rules.entry(table).or_insert_with(|| {
                quote! { static #table_name: &[ErrorRule] = &[#(#rows),*]; }
            });
            documented.push(quote!(Documented::new(#status, #table_name)));
        }
    }
    Ok(quote! {
        pub(super) static #name: Operation = Operation {
            id: #id,
            method: Method::#method,
            path: #path,
            success: #status,
            media_types: &[#(#media_types),*],
            authenticated: #authenticated,
            send_twice: #send_twice,
            uploads: &[#(#uploads),*],
            page: #page,
            errors: &[#(#documented),*],
        };
    })
}

/// Rules are named after the component that holds them, or after their place if none does.
fn rule_table(list: &Node<'_>) -> String {
    let segments: Vec<&str> = list
        .pointer()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let name = match segments.as_slice() {
        ["components", "responses", name, "x-errors"] => format!("response {name}"),
        ["components", "x-errors", name] => format!("errors {name}"),
        // Two paths may differ in nothing but what no name can hold.
        _ => format!("errors at line {}", list.line()),
    };
    names::constant(&name)
}

fn rule(rule: &Node<'_>) -> TokenStream {
    let code = option(rule.text("code"));
    let kind = ident(&names::variant(rule.text("kind").unwrap_or_default()));
    let retryable = rule.flag("retryable");
    let advice = rule.text("advice").unwrap_or_default();
    let advice = advice.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = option(rule.text("page"));
    quote! {
        ErrorRule {
            code: #code,
            kind: Kind::#kind,
            retryable: #retryable,
            advice: #advice,
            page: #page,
        }
    }
}

fn status(response: &Response<'_>) -> Result<Literal, String> {
    let status = response.status;
    status
        .parse()
        .map(Literal::u16_unsuffixed)
        .map_err(|_| format!("a status has to be a number, not {status}"))
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(Some(#text)),
        None => quote!(None),
    }
}
