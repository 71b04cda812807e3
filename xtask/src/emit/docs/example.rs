//! A call with the values of an example of the contract, as a test of the documentation.

use std::collections::BTreeSet;

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};

use crate::ir::input::GeneratorInput;
use crate::ir::input::OperationInput;
use crate::ir::model::{Field, RustShape, StringVariant, TypeDef, UnionVariant, required, shape};
use crate::ir::names;
use crate::ir::names::ident;

/// The call with the first example of the operation's request, in Markdown.
pub fn doc_example(
    source: &GeneratorInput<'_>,
    operation: &OperationInput<'_>,
    crate_name: &str,
) -> Result<String, String> {
    let mut values = Values {
        source,
        crate_name,
        imports: BTreeSet::new(),
    };
    let statement = statement(operation, &mut values)
        .map_err(|error| format!("operation {}: no sample: {error}", operation.operation.id()))?;
    let imports: String = values
        .imports
        .iter()
        .map(|path| format!("use {path};\n"))
        .collect();
    let head = match imports.as_str() {
        "" => String::new(),
        imports => format!("{imports}\n"),
    };
    Ok(format!(
        "```no_run\n{head}\
         # async fn sample(client: &{crate_name}::Client) -> Result<(), Box<dyn std::error::Error>> {{\n\
         {statement}\
         # Ok(())\n\
         # }}\n\
         ```"
    ))
}

/// The statement that makes the call, formatted.
fn statement(
    operation: &OperationInput<'_>,
    values: &mut Values<'_, '_>,
) -> Result<String, String> {
    let mut setters = parameters(operation, values)?;
    let body = body(operation)?;
    let flag = operation.operation.node().str("x-stream-parameter");
    let is_streamed = flag.is_some_and(|flag| body.get(flag) == Some(&Value::Bool(true)));
    for (name, value) in body.iter().filter(|(name, _)| Some(name.as_str()) != flag) {
        setters.push(field(operation, name, value, values)?);
    }
    let (result, end) = match is_streamed || operation.payloads.response.is_none() {
        true => (ident("stream"), ident("stream")),
        false => (ident("response"), ident("send")),
    };
    let method = ident(&names::field(operation.operation.id()));
    let file = syn::parse2(quote! {
        async fn sample() {
            let #result = client.#method() #(#setters)* .#end().await?;
        }
    });
    let file = file.map_err(|error| error.to_string())?;
    let text = prettyplease::unparse(&file);
    let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
    Ok(lines.map(|line| format!("{line}\n")).collect())
}

/// A setter for each parameter that has an example.
fn parameters(
    operation: &OperationInput<'_>,
    values: &mut Values<'_, '_>,
) -> Result<Vec<TokenStream>, String> {
    let mut setters = Vec::new();
    for parameter in operation.operation.parameters() {
        let name = parameter.str("name").unwrap_or_default();
        let Some(example) = parameter.get("example") else {
            if parameter.bool("required") {
                return Err(format!("the required parameter `{name}` has no example"));
            }
            continue;
        };
        let field = names::field(name);
        let value = values.value(operation.parameter(&field)?, example.value())?;
        let setter = ident(&field);
        setters.push(quote!(.#setter(#value)));
    }
    Ok(setters)
}

/// The first example of the body; nothing if there is no body.
fn body(operation: &OperationInput<'_>) -> Result<Map<String, Value>, String> {
    let bodies = operation.operation.request_bodies();
    let Some(media_type) = bodies.first() else {
        return Ok(Map::new());
    };
    let examples = media_type.examples("request");
    let example = examples.first().ok_or("the request has no example")?;
    let bytes = example.bytes().map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| format!("example {}: {error}", example.name))
}

/// The setter of a field of the body.
fn field(
    operation: &OperationInput<'_>,
    name: &str,
    value: &Value,
    values: &mut Values<'_, '_>,
) -> Result<TokenStream, String> {
    let setter = ident(&names::field(name));
    if operation.files().iter().any(|file| file.name == name) {
        values.import("Upload");
        let path = value.as_str().unwrap_or_default();
        let file_name = path.rsplit('/').next();
        return Ok(quote!(.#setter(Upload::path(#file_name))));
    }
    let body = operation.body.as_deref().unwrap_or_default();
    let Some(TypeDef::Struct(fields)) = values.source.model.types.get(body) else {
        return Err(format!("the body {body} is no struct"));
    };
    let field = fields.iter().find(|field| field.name == name);
    let field = field.ok_or_else(|| format!("the contract has no field `{name}`"))?;
    let value = values.value(&field.ty, value)?;
    Ok(quote!(.#setter(#value)))
}

/// Values of the contract as Rust that a setter takes, and the types that this names.
struct Values<'s, 'c> {
    source: &'s GeneratorInput<'c>,
    crate_name: &'s str,
    imports: BTreeSet<String>,
}

impl Values<'_, '_> {
    fn value(&mut self, ty: &syn::Type, value: &Value) -> Result<TokenStream, String> {
        let ty = required(ty);
        match (shape(ty), value) {
            (RustShape::String, Value::String(text)) => Ok(quote!(#text)),
            (RustShape::Bool, Value::Bool(flag)) => Ok(quote!(#flag)),
            (RustShape::Integer, Value::Number(number)) => rust(&number.to_string()),
            (RustShape::Float, Value::Number(number)) => {
                let number = number.as_f64().unwrap_or_default();
                rust(&format!("{number:?}"))
            }
            (RustShape::Value, value) => self.json(value),
            (RustShape::Vec(item), Value::Array(items)) if !items.is_empty() => {
                let items = items.iter().map(|value| self.item(item, value));
                let items = items.collect::<Result<Vec<_>, _>>()?;
                Ok(quote!([#(#items),*]))
            }
            (RustShape::Map(entry), Value::Object(entries)) if !entries.is_empty() => {
                let entries = entries.iter().map(|(key, value)| {
                    let value = self.item(entry, value)?;
                    Ok(quote!((#key, #value)))
                });
                let entries = entries.collect::<Result<Vec<_>, String>>()?;
                Ok(quote!([#(#entries),*]))
            }
            (RustShape::Named, value) => self.named(ty, value),
            _ => Err(format!("{value} can't be written as {}", quote!(#ty))),
        }
    }

    /// A value in a list or map, which has to be of one type with the others.
    fn item(&mut self, ty: &syn::Type, value: &Value) -> Result<TokenStream, String> {
        let item = self.value(ty, value)?;
        Ok(match shape(ty) {
            RustShape::Vec(_) => quote!(Vec::from(#item)),
            _ => item,
        })
    }

    fn named(&mut self, ty: &syn::Type, value: &Value) -> Result<TokenStream, String> {
        let name = quote!(#ty).to_string();
        let source = self.source;
        let is_text = |variants: &[UnionVariant]| {
            let mut types = variants.iter().map(|variant| &variant.ty);
            types.any(|ty| matches!(shape(ty), RustShape::String))
        };
        match (source.model.types.get(&name), value) {
            (Some(TypeDef::StringEnum(variants)), Value::String(text)) => {
                // A text doesn't turn into a closed set by itself.
                let closed = self.is_closed(&name).then_some(variants);
                let variant = closed.and_then(|set| set.iter().find(|one| one.value == *text));
                let Some(StringVariant { ident, .. }) = variant else {
                    return Ok(quote!(#text));
                };
                self.import(&format!("types::{name}"));
                Ok(quote!(#ty::#ident))
            }
            (Some(TypeDef::Union(variants)), Value::String(text)) if is_text(variants) => {
                Ok(quote!(#text))
            }
            (Some(TypeDef::Struct(fields)), Value::Object(object))
                if object
                    .keys()
                    .all(|key| fields.iter().any(|one| one.name == *key)) =>
            {
                self.structure(&name, fields, object)
            }
            _ => {
                self.import(&format!("types::{name}"));
                self.imports.insert("serde_json::from_value".to_owned());
                let json = self.json(value)?;
                Ok(quote!(from_value::<#ty>(#json)?))
            }
        }
    }

    /// The type's constructor, and its setters for whatever else there is.
    fn structure(
        &mut self,
        name: &str,
        fields: &[Field],
        object: &Map<String, Value>,
    ) -> Result<TokenStream, String> {
        let properties = self
            .source
            .contract
            .pointer(&format!("/components/schemas/{name}/properties"));
        let (mut arguments, mut setters) = (Vec::new(), Vec::new());
        for (key, _) in properties.iter().flat_map(Node::entries) {
            let field = fields.iter().find(|field| field.name == key);
            let (Some(field), Some(value)) = (field, object.get(key)) else {
                continue;
            };
            let (setter, value) = (&field.ident, self.value(&field.ty, value)?);
            match field.is_required() {
                true => arguments.push(value),
                false => setters.push(quote!(.#setter(#value))),
            }
        }
        self.import(&format!("types::{name}"));
        let name = ident(name);
        Ok(quote!(#name::new(#(#arguments),*) #(#setters)*))
    }

    fn json(&mut self, value: &Value) -> Result<TokenStream, String> {
        self.imports.insert("serde_json::json".to_owned());
        let value = rust(&value.to_string())?;
        Ok(quote!(json!(#value)))
    }

    fn is_closed(&self, name: &str) -> bool {
        let pointer = format!("/components/schemas/{name}");
        let schema = self.source.contract.pointer(&pointer);
        schema.is_some_and(|schema| schema.bool("x-closed-enum"))
    }

    /// Names something of the crate.
    fn import(&mut self, path: &str) {
        self.imports.insert(format!("{}::{path}", self.crate_name));
    }
}

fn rust(text: &str) -> Result<TokenStream, String> {
    text.parse()
        .map_err(|error| format!("{text} can't be written in Rust: {error}"))
}
