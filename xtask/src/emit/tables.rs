//! What is true of the API, of each operation and of each error, as statics.

use std::collections::BTreeMap;

use cometapi_contract::{Node, Response};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::emit::docs::comment::docs_url;
use crate::ir::input::GeneratorInput;
use crate::ir::input::OperationInput;
use crate::ir::names;
use crate::ir::names::ident;

pub fn file(source: &GeneratorInput<'_>) -> Result<TokenStream, String> {
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
    let upload_field = has_uploads.then(|| quote!(, FileField));
    let has_error_fields = source
        .contract
        .root()
        .get_path(&["x-client-config", "error-fields"])
        .is_some();
    let error_fields = has_error_fields.then(|| quote!(, ErrorFields));
    let has_telemetry = source
        .operations
        .iter()
        .any(|source| source.operation.node().get("x-genai-telemetry").is_some());
    let telemetry = has_telemetry.then(|| quote!(, GenAiAttributes));
    Ok(quote! {
        //! The contract's tables: the API, its operations, its errors.

        use crate::runtime::codegen::{ApiMetadata, StatusErrors, ErrorRule, ErrorKind, Method, Operation #error_fields #telemetry #upload_field};

        #api

        /// All operations, in the contract's order.
        pub static OPERATIONS: &[&Operation] = &[#(&#all),*];

        #(#rows)*
        #(#rules)*
    })
}

fn api(source: &GeneratorInput<'_>) -> TokenStream {
    let root = source.contract.root();
    let name = root.get_path(&["info", "title"]);
    let name = name
        .and_then(|name| name.value().as_str())
        .unwrap_or_default();
    let server = root
        .get("servers")
        .and_then(|servers| servers.items().into_iter().next());
    let base_url = server
        .as_ref()
        .and_then(|server| server.str("url"))
        .unwrap_or_default();
    let base_url = base_url.trim_end_matches('/');
    let client = root.get("x-client-config");
    let list = |key: &str| {
        let list = client.as_ref().and_then(|client| client.get(key));
        let items = list.iter().flat_map(Node::items);
        let texts: Vec<&str> = items.filter_map(|item| item.value().as_str()).collect();
        quote!(&[#(#texts),*])
    };
    let key_variables = list("key-variables");
    let request_id_headers = list("request-id-headers");
    let text = |key: &str| option(client.as_ref().and_then(|client| client.str(key)));
    let base_url_variable = text("base-url-variable");
    let request_id_in_message = text("request-id-in-message");
    let version_prefix = text("version-prefix");
    let error_fields = client
        .as_ref()
        .and_then(|client| client.get("error-fields"));
    let error_fields = error_fields.iter().flat_map(Node::items).map(|fields| {
        let code = fields.str("code").unwrap_or_default();
        let message = fields.str("message").unwrap_or_default();
        quote!(ErrorFields { code: #code, message: #message })
    });
    let provider = client.as_ref().and_then(|client| client.str("provider"));
    let provider = provider.unwrap_or(name);
    quote! {
        /// The API as a whole.
        pub static API: ApiMetadata = ApiMetadata {
            name: #name,
            base_url: #base_url,
            key_variables: #key_variables,
            base_url_variable: #base_url_variable,
            request_id_headers: #request_id_headers,
            request_id_in_message: #request_id_in_message,
            version_prefix: #version_prefix,
            error_fields: &[#(#error_fields),*],
            provider: #provider,
        };
    }
}

fn row(
    source: &OperationInput<'_>,
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
        quote!(FileField { name: #name, extensions: &[#(#extensions),*] })
    });
    let authenticated = operation.requires_auth();
    let idempotent = operation.node().bool("x-idempotent");
    let page = option(docs_url(operation.node()));
    let telemetry = telemetry(operation.node());
    let mut documented = Vec::new();
    for response in operation.responses() {
        if let Some(list) = response.node.get("x-error-rules") {
            let status = self::status(&response)?;
            let list = list.resolved();
            let table = rule_table(&list);
            let rows = list.items();
            let rows = rows.iter().map(rule);
            let table_name = ident(&table);
            rules.entry(table).or_insert_with(|| {
                quote! { static #table_name: &[ErrorRule] = &[#(#rows),*]; }
            });
            documented.push(quote!(StatusErrors::new(#status, #table_name)));
        }
    }
    Ok(quote! {
        pub(super) static #name: Operation = Operation {
            api: &API,
            id: #id,
            method: Method::#method,
            path: #path,
            success_status: #status,
            media_types: &[#(#media_types),*],
            authenticated: #authenticated,
            idempotent: #idempotent,
            uploads: &[#(#uploads),*],
            docs_url: #page,
            telemetry: #telemetry,
            errors: &[#(#documented),*],
        };
    })
}

/// What traces tell, if the contract says so.
fn telemetry(operation: &Node<'_>) -> TokenStream {
    let Some(telemetry) = operation.get("x-genai-telemetry") else {
        return quote!(None);
    };
    let name = telemetry.str("operation").unwrap_or_default();
    let path = |key| option(telemetry.str(key));
    let [request_model, response_id, response_model] =
        ["request-model", "response-id", "response-model"].map(path);
    let [finish_reasons, input_tokens, output_tokens] =
        ["finish-reasons", "input-tokens", "output-tokens"].map(path);
    quote! {
        Some(GenAiAttributes {
            operation: #name,
            request_model: #request_model,
            response_id: #response_id,
            response_model: #response_model,
            finish_reasons: #finish_reasons,
            input_tokens: #input_tokens,
            output_tokens: #output_tokens,
        })
    }
}

/// Rules are named after the component that holds them, or after their place if none does.
fn rule_table(list: &Node<'_>) -> String {
    let segments: Vec<&str> = list
        .pointer()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let name = match segments.as_slice() {
        ["components", "responses", name, "x-error-rules"] => format!("response {name}"),
        ["components", "x-error-rules", name] => format!("errors {name}"),
        // Two paths may differ in nothing but what no name can hold.
        _ => format!("errors at line {}", list.line()),
    };
    names::constant(&name)
}

fn rule(rule: &Node<'_>) -> TokenStream {
    let code = option(rule.str("code"));
    let kind = ident(&names::variant(rule.str("kind").unwrap_or_default()));
    let retryable = rule.bool("retryable");
    let advice = rule.str("help").unwrap_or_default();
    let advice = advice.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = option(rule.str("docs-url"));
    quote! {
        ErrorRule {
            code: #code,
            kind: ErrorKind::#kind,
            retryable: #retryable,
            help: #advice,
            docs_url: #page,
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
