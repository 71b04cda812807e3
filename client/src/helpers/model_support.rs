//! Task support of a model, evaluated from its catalog row.

use std::fmt;

use crate::types::{CatalogModel, ModelFeature, ModelType};

/// A task that a model may support, one for each generating operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Task {
    /// [`create_chat_completion`](crate::Client::create_chat_completion)
    Chat,
    /// [`create_speech`](crate::Client::create_speech)
    Speech,
    /// [`create_transcription`](crate::Client::create_transcription)
    Transcription,
    /// [`create_translation`](crate::Client::create_translation)
    Translation,
}

/// Whether a model supports a task, according to the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// The catalog lists a feature that the task requires.
    Supported,
    /// The catalog lists only other features or another type, or the model is only announced.
    Unsupported,
    /// The catalog row is incomplete or contradicts itself.
    Unknown,
}

/// The result of [`CatalogModel::supports`], with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSupport<'a> {
    support: Support,
    reason: String,
    api_doc_url: Option<&'a str>,
}

impl CatalogModel {
    /// Evaluates from the catalog row whether the model supports a task.
    ///
    /// The row is not always correct or complete. The documentation that it links to, at
    /// [`TaskSupport::api_doc_url`], is authoritative.
    ///
    /// ```
    /// use cometapi::{Task, Support};
    ///
    /// # fn check(model: &cometapi::types::CatalogModel) {
    /// let speech = model.supports(Task::Speech);
    /// if speech.support() != Support::Supported {
    ///     eprintln!("{} for speech: {speech}", model.id);
    /// }
    /// # }
    /// ```
    pub fn supports(&self, task: Task) -> TaskSupport<'_> {
        let (support, reason) = self.evaluate(task);
        TaskSupport {
            support,
            reason,
            api_doc_url: self.api_doc_url.as_deref(),
        }
    }

    fn evaluate(&self, task: Task) -> (Support, String) {
        let listed = |features: &'static [ModelFeature]| {
            features
                .iter()
                .find(|feature| self.features.contains(feature))
        };
        let other_type = self
            .model_type
            .as_ref()
            .filter(|own| !matches!(own, ModelType::Other(_)) && !task.types().contains(own));
        if self.is_upcoming() {
            return (
                Support::Unsupported,
                "the model is only announced".to_owned(),
            );
        }
        match (
            listed(task.required_features()),
            listed(task.related_features()),
            other_type,
        ) {
            (Some(feature), _, None) => {
                (Support::Supported, format!("the catalog lists {feature}"))
            }
            (Some(feature), _, Some(other)) => (
                Support::Unknown,
                format!("the catalog lists {feature}, but the type {other}"),
            ),
            (None, _, Some(other)) => (
                Support::Unsupported,
                format!("the catalog lists the type {other}"),
            ),
            (None, Some(feature), None) => (
                Support::Unknown,
                format!("the catalog lists {feature}, which may not be enough"),
            ),
            (None, None, None) => self.evaluate_other_features(),
        }
    }

    fn evaluate_other_features(&self) -> (Support, String) {
        if self.features.is_empty() {
            let reason = "the catalog lists no features";
            return (Support::Unknown, reason.to_owned());
        }
        let features: Vec<String> = self.features.iter().map(ToString::to_string).collect();
        let features = features.join(", ");
        let is_known = |feature: &ModelFeature| !matches!(feature, ModelFeature::Other(_));
        match self.features.iter().all(is_known) {
            true => (
                Support::Unsupported,
                format!("the catalog lists only {features}"),
            ),
            false => (
                Support::Unknown,
                format!("the catalog lists {features}, which includes unknown features"),
            ),
        }
    }
}

impl Task {
    fn types(self) -> &'static [ModelType] {
        match self {
            Self::Chat => &[ModelType::Text, ModelType::Chat, ModelType::Llm],
            Self::Speech | Self::Transcription | Self::Translation => &[ModelType::Audio],
        }
    }

    /// The features of which one confirms support.
    fn required_features(self) -> &'static [ModelFeature] {
        match self {
            Self::Chat => &[ModelFeature::TextToText],
            Self::Speech => &[ModelFeature::TextToSpeech],
            Self::Transcription => &[ModelFeature::SpeechToText],
            // Not every model that transcribes also translates, and no catalog feature
            // distinguishes them.
            Self::Translation => &[],
        }
    }

    /// The features that models for this task have, but other models have too.
    fn related_features(self) -> &'static [ModelFeature] {
        match self {
            Self::Chat => &[ModelFeature::ImageToText, ModelFeature::VideoToText],
            Self::Translation => &[ModelFeature::SpeechToText],
            Self::Speech | Self::Transcription => &[],
        }
    }
}

impl<'a> TaskSupport<'a> {
    /// Returns whether the task is supported.
    pub fn support(&self) -> Support {
        self.support
    }

    /// Returns the reason: the values of the row that decided.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the URL of the documentation on how to call the model, if the row has one.
    pub fn api_doc_url(&self) -> Option<&'a str> {
        self.api_doc_url
    }
}

/// Formats the support, the reason, and the documentation URL.
impl fmt::Display for TaskSupport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.support, self.reason)?;
        match self.api_doc_url {
            Some(url) => write!(f, "; see {url}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supported => "yes",
            Self::Unsupported => "no",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::types::CatalogPage;

    const EVERY_FIELD: &str = include_str!("../../../openapi/examples/catalog/every_field.json");
    const TASKS: [Task; 4] = [
        Task::Chat,
        Task::Speech,
        Task::Transcription,
        Task::Translation,
    ];

    fn support(row: Value, task: Task) -> Support {
        let model: CatalogModel = serde_json::from_value(row).unwrap();
        model.supports(task).support()
    }

    #[test]
    fn the_catalog_rows_of_the_contract_are_evaluated() {
        use Support::{Supported, Unknown, Unsupported};

        let page: CatalogPage = serde_json::from_str(EVERY_FIELD).unwrap();
        let supports = |model: &CatalogModel| TASKS.map(|task| model.supports(task).support());
        let rows: Vec<_> = page.data.iter().map(|m| (&*m.id, supports(m))).collect();
        let expected = [
            (
                "example-4.5",
                [Supported, Unsupported, Unsupported, Unsupported],
            ),
            (
                "example-4.5-long",
                [Supported, Unsupported, Unsupported, Unsupported],
            ),
            (
                "example-chat",
                [Unknown, Unsupported, Unsupported, Unsupported],
            ),
            (
                "example-image-1",
                [Unsupported, Unsupported, Unsupported, Unsupported],
            ),
            (
                "example-video-1",
                [Unsupported, Unsupported, Unsupported, Unsupported],
            ),
            (
                "example-ears-1",
                [Unsupported, Unsupported, Supported, Unknown],
            ),
            (
                "example-voice-1",
                [Unsupported, Supported, Unsupported, Unsupported],
            ),
            (
                "example-5",
                [Unsupported, Unsupported, Unsupported, Unsupported],
            ),
            ("example-legacy", [Unknown, Unknown, Unknown, Unknown]),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn display_contains_the_reason_and_the_docs_url() {
        let page: CatalogPage = serde_json::from_str(EVERY_FIELD).unwrap();
        let display = |id, task| page.find(id).unwrap().supports(task).to_string();
        let url = "https://apidoc.cometapi.com/api/text/chat";
        let chat = page.find("example-4.5").unwrap().supports(Task::Chat);
        assert_eq!(chat.api_doc_url(), Some(url));
        assert_eq!(chat.reason(), "the catalog lists text-to-text");
        assert_eq!(
            display("example-4.5", Task::Speech),
            format!("no, the catalog lists the type text; see {url}")
        );
        assert_eq!(
            display("example-voice-1", Task::Transcription),
            "no, the catalog lists only text-to-speech"
        );
        assert_eq!(
            display("example-ears-1", Task::Translation),
            "unknown, the catalog lists speech-to-text, which may not be enough"
        );
        assert_eq!(
            display("example-5", Task::Chat),
            "no, the model is only announced"
        );
    }

    #[test]
    fn a_feature_without_a_type_is_enough() {
        let row = json!({"id": "m", "features": ["text-to-speech"]});
        assert_eq!(support(row, Task::Speech), Support::Supported);
    }

    #[test]
    fn unknown_features_types_and_contradictions_are_unknown_support() {
        let contradiction =
            json!({"id": "m", "model_type": "text", "features": ["text-to-speech"]});
        assert_eq!(support(contradiction, Task::Speech), Support::Unknown);
        let feature = json!({"id": "m", "model_type": "audio", "features": ["text-to-song"]});
        assert_eq!(support(feature, Task::Speech), Support::Unknown);
        let model_type = json!({"id": "m", "model_type": "omni"});
        assert_eq!(support(model_type, Task::Chat), Support::Unknown);
    }

    #[test]
    fn a_type_alone_can_rule_out_support_but_not_confirm_it() {
        let row = json!({"id": "m", "model_type": "image", "features": null});
        assert_eq!(support(row, Task::Chat), Support::Unsupported);
        let row = json!({"id": "m", "model_type": "audio"});
        assert_eq!(support(row, Task::Speech), Support::Unknown);
    }
}
