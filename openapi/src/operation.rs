//! The operations of a contract.

use crate::{Contract, Example, Node};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// One path and method.
#[derive(Clone, Debug)]
pub struct Operation<'c> {
    node: Node<'c>,
    method: String,
    path: &'c str,
}

/// What an operation responds under one status.
#[derive(Clone, Debug)]
pub struct Response<'c> {
    /// `200`, `2XX`, `default`, as written.
    pub status: &'c str,
    /// The response, behind its `$ref`.
    pub node: Node<'c>,
}

/// A body in one media type.
#[derive(Clone, Debug)]
pub struct MediaType<'c> {
    /// `application/json`, as written.
    pub name: &'c str,
    /// The media type object.
    pub node: Node<'c>,
}

impl<'c> Operation<'c> {
    pub(crate) fn all(contract: &'c Contract) -> Vec<Self> {
        let mut operations = Vec::new();
        for (path, item) in contract.root().get("paths").iter().flat_map(Node::entries) {
            for (key, node) in item.entries() {
                if METHODS.contains(&key) {
                    operations.push(Self {
                        node,
                        method: key.to_ascii_uppercase(),
                        path,
                    });
                }
            }
        }
        operations
    }

    /// Its `operationId`; empty if it has none.
    pub fn id(&self) -> &'c str {
        self.node.str("operationId").unwrap_or_default()
    }

    /// `GET`, `POST` and so on.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path's template, with `{name}` for parameters.
    pub fn path(&self) -> &'c str {
        self.path
    }

    /// The operation object.
    pub fn node(&self) -> &Node<'c> {
        &self.node
    }

    /// Its first tag.
    pub fn tag(&self) -> Option<&'c str> {
        self.node.get("tags")?.items().first()?.value().as_str()
    }

    /// Its parameters and those of its path, behind their `$ref`.
    pub fn parameters(&self) -> Vec<Node<'c>> {
        let (item, _) = self.node.pointer().rsplit_once('/').unwrap_or_default();
        let shared = self
            .node
            .contract()
            .pointer(item)
            .and_then(|item| item.get("parameters"));
        shared
            .into_iter()
            .chain(self.node.get("parameters"))
            .flat_map(|list| list.items())
            .map(|parameter| parameter.resolved())
            .collect()
    }

    /// The request body's media types.
    pub fn request_bodies(&self) -> Vec<MediaType<'c>> {
        let body = self.node.get("requestBody").map(|body| body.resolved());
        media_types(body.as_ref())
    }

    /// What it responds, in the contract's order.
    pub fn responses(&self) -> Vec<Response<'c>> {
        let responses = self.node.get("responses");
        let responses = responses.iter().flat_map(Node::entries);
        responses
            .map(|(status, node)| Response {
                status,
                node: node.resolved(),
            })
            .collect()
    }

    /// The response of success: the first of the 2xx.
    pub fn success(&self) -> Option<Response<'c>> {
        self.responses().into_iter().find(Response::is_success)
    }

    /// Whether it requests a key: its own `security`, else the document's, names a scheme.
    pub fn requires_auth(&self) -> bool {
        let own = self.node.get("security");
        let security = own.or_else(|| self.node.contract().root().get("security"));
        security.is_some_and(|security| !security.items().is_empty())
    }

    /// The examples of its responses, in the contract's order.
    pub fn examples(&self) -> Vec<Example<'c>> {
        self.responses()
            .iter()
            .flat_map(|response| {
                let status = response.status;
                let media_types = response.media_types().into_iter();
                media_types.flat_map(move |media_type| media_type.examples(status))
            })
            .collect()
    }
}

impl<'c> Response<'c> {
    /// Whether its status is a 2xx.
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    /// The media types it may come in.
    pub fn media_types(&self) -> Vec<MediaType<'c>> {
        media_types(Some(&self.node))
    }
}

impl<'c> MediaType<'c> {
    /// Its schema, not yet behind its `$ref`.
    pub fn schema(&self) -> Option<Node<'c>> {
        self.node.get("schema")
    }

    /// Whether it is bytes and no text.
    pub fn is_binary(&self) -> bool {
        self.schema()
            .is_some_and(|schema| is_binary(&schema.resolved()))
    }

    /// The fields of a form that are files.
    pub fn files(&self) -> Vec<&'c str> {
        let schema = self.schema().map(|schema| schema.resolved());
        let properties = schema.and_then(|schema| schema.get("properties"));
        let properties = properties.iter().flat_map(Node::entries);
        properties
            .filter(|(_, property)| is_binary(property))
            .map(|(name, _)| name)
            .collect()
    }

    /// Its named examples, as responses under `status`.
    pub fn examples(&self, status: &'c str) -> Vec<Example<'c>> {
        let examples = self.node.get("examples");
        let examples = examples.iter().flat_map(Node::entries);
        examples
            .map(|(name, node)| Example {
                status,
                media_type: self.name,
                name,
                node: node.resolved(),
            })
            .collect()
    }
}

fn is_binary(schema: &Node<'_>) -> bool {
    schema.str("format") == Some("binary")
}

fn media_types<'c>(holder: Option<&Node<'c>>) -> Vec<MediaType<'c>> {
    let content = holder.and_then(|holder| holder.get("content"));
    let content = content.iter().flat_map(Node::entries);
    content
        .map(|(name, node)| MediaType { name, node })
        .collect()
}
