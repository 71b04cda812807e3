//! How the events of a stream tell that it has ended, and what text they carry.

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::input::GeneratorInput;
use crate::ir::model::{Field, Model, RustShape, TypeDef, optional, required, shape};
use crate::ir::names::ident;
use crate::ir::payload::EventPayload;

/// All events of streams, each type once.
pub fn all<'s, 'c>(source: &'s GeneratorInput<'c>) -> Vec<&'s EventPayload<'c>> {
    let mut found: Vec<&EventPayload<'c>> = Vec::new();
    for operation in &source.operations {
        if let Some(events) = &operation.payloads.events
            && !found
                .iter()
                .any(|known| known.schema.pointer() == events.schema.pointer())
        {
            found.push(events);
        }
    }
    found
}

/// What the runtime asks of an event.
pub fn definition(
    source: &GeneratorInput<'_>,
    events: &EventPayload<'_>,
) -> Result<TokenStream, String> {
    let name = events.schema.key();
    let event = ident(&name);
    let stream = events.stream.as_ref();
    let sentinel = match stream.and_then(|stream| stream.str("sentinel")) {
        Some(sentinel) => quote!(Some(#sentinel)),
        None => quote!(None),
    };
    let methods = match stream.filter(|stream| stream.get("choices").is_some()) {
        Some(stream) => {
            let parts = FinishFields::read(source, &name, stream)?;
            let (finished, text) = (parts.finished(source)?, parts.text(source)?);
            quote!(#finished #text)
        }
        None => TokenStream::new(),
    };
    let usage = stream.and_then(|stream| stream.str("usage"));
    let (usage_type, usage) = match usage {
        Some(usage) => usage_method(source, &name, usage)?,
        None => (quote!(()), TokenStream::new()),
    };
    Ok(quote! {
        impl crate::runtime::codegen::StreamEvent for #event {
            type Usage = #usage_type;

            const SENTINEL: Option<&'static str> = #sentinel;

            #methods
            #usage
        }
    })
}

/// The type of the token usage in an event, and the method that returns it.
fn usage_method(
    source: &GeneratorInput<'_>,
    event: &str,
    name: &str,
) -> Result<(TokenStream, TokenStream), String> {
    let field = field(&source.model, event, name)?;
    let ty = source.model.named_in(&field.ty).into_iter().next();
    let ty = ty.ok_or_else(|| format!("x-event-stream: `usage: {name}` is no object"))?;
    let pointer = format!("/components/schemas/{event}/properties/{name}");
    let property = source.contract.pointer(&pointer);
    let is_boxed = property.is_some_and(|property| property.bool("x-boxed"));
    let (ident, ty) = (&field.ident, ident(&ty));
    let value = match (optional(&field.ty), is_boxed) {
        (Some(_), true) => quote!(self.#ident.as_deref()),
        (Some(_), false) => quote!(self.#ident.as_ref()),
        (None, _) => quote!(Some(&self.#ident)),
    };
    let method = quote! {
        fn usage(&self) -> Option<&Self::Usage> {
            #value
        }
    };
    Ok((quote!(#ty), method))
}

/// The list in an event whose items are chunks of the stream's parts.
struct FinishFields<'s> {
    stream: &'s Node<'s>,
    list: &'s Field,
    /// The type of an item.
    item: String,
}

impl<'s> FinishFields<'s> {
    fn read(
        source: &'s GeneratorInput<'_>,
        event: &str,
        stream: &'s Node<'s>,
    ) -> Result<Self, String> {
        let name = stream.str("choices").unwrap_or_default();
        let list = field(&source.model, event, name)?;
        let item = match shape(&list.ty) {
            RustShape::Vec(item) => source.model.named_in(item).into_iter().next(),
            _ => None,
        };
        let item = item.ok_or_else(|| format!("x-event-stream: `{name}` is no list of objects"))?;
        Ok(Self { stream, list, item })
    }

    /// The number of a part, as an expression on `part`.
    fn index(&self, source: &GeneratorInput<'_>) -> Result<TokenStream, String> {
        let Some(index) = self.stream.str("index") else {
            return Ok(quote!(0));
        };
        let index = field(&source.model, &self.item, index)?;
        let ident = &index.ident;
        Ok(match optional(&index.ty) {
            Some(_) => quote!(part.#ident.unwrap_or(0)),
            None => quote!(part.#ident),
        })
    }

    fn finished(&self, source: &GeneratorInput<'_>) -> Result<TokenStream, String> {
        let Some(name) = self.stream.str("finish") else {
            return Ok(TokenStream::new());
        };
        let finished = field(&source.model, &self.item, name)?;
        if optional(&finished.ty).is_none() {
            return Err(format!(
                "x-event-stream: `{name}` is always there, so it tells nothing"
            ));
        }
        let (list, index, ident) = (&self.list.ident, self.index(source)?, &finished.ident);
        // Some gateways send an empty text where others send null.
        let is_finished = match shape(required(&finished.ty)) {
            RustShape::Bool => quote!(part.#ident == Some(true)),
            _ if is_string_set(source, &finished.ty) => {
                quote!(part.#ident.as_ref().is_some_and(|value| !value.as_str().is_empty()))
            }
            _ => quote!(part.#ident.is_some()),
        };
        Ok(quote! {
            fn track_finish(&self, tracker: &mut crate::runtime::codegen::FinishTracker) {
                for part in &self.#list {
                    tracker.record(#index, #is_finished);
                }
            }
        })
    }

    fn text(&self, source: &GeneratorInput<'_>) -> Result<TokenStream, String> {
        let Some(path) = self.stream.str("text") else {
            return Ok(TokenStream::new());
        };
        let (list, index) = (&self.list.ident, self.index(source)?);
        let mut expression = quote!(self.#list.iter().find(|part| #index == 0));
        let mut ty = self.item.clone();
        let mut is_text = false;
        for name in path.split('.') {
            let field = field(&source.model, &ty, name)?;
            let ident = &field.ident;
            expression = match optional(&field.ty) {
                Some(_) => quote!(#expression.and_then(|value| value.#ident.as_ref())),
                None => quote!(#expression.map(|value| &value.#ident)),
            };
            is_text = matches!(shape(required(&field.ty)), RustShape::String);
            ty = source
                .model
                .named_in(&field.ty)
                .into_iter()
                .next()
                .unwrap_or_default();
        }
        if !is_text {
            return Err(format!("x-event-stream: `text: {path}` is no text"));
        }
        Ok(quote! {
            fn text_delta(&self) -> Option<&str> {
                #expression.map(String::as_str)
            }
        })
    }
}

fn field<'m>(model: &'m Model, ty: &str, name: &str) -> Result<&'m Field, String> {
    let fields = match model.types.get(ty) {
        Some(TypeDef::Struct(fields)) => fields.as_slice(),
        _ => &[],
    };
    let field = fields.iter().find(|field| field.name == name);
    field.ok_or_else(|| format!("x-event-stream: {ty} has no field `{name}`"))
}

fn is_string_set(source: &GeneratorInput<'_>, ty: &syn::Type) -> bool {
    let names = source.model.named_in(ty);
    names
        .iter()
        .any(|name| matches!(source.model.types.get(name), Some(TypeDef::StringEnum(_))))
}
