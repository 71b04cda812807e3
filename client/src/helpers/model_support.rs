//! Whether a model of the catalog can do what is asked of it.

use std::fmt;

use crate::types::{CatalogModel, ModelFeature, ModelType};

/// What a model is wanted for.
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

/// Whether a model fits a task, as far as the catalog tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// The catalog lists the feature.
    Supported,
    /// The catalog says that the model is for something else, or only announced.
    Unsupported,
    /// The catalog says too little, or contradicts itself.
    Unknown,
}

/// The response of [`CatalogModel::supports`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSupport<'a> {
    verdict: Support,
    reason: String,
    api_doc_url: Option<&'a str>,
}

impl CatalogModel {
    /// Whether the model fits a task, by what its row says. The row isn't always right or complete:
    /// the page that it names has the last word.
    ///
    /// ```
    /// use cometapi::{Task, Support};
    ///
    /// # fn check(model: &cometapi::types::CatalogModel) {
    /// let fit = model.supports(Task::Speech);
    /// if fit.support() != Support::Supported {
    ///     eprintln!("{} for speech: {fit}", model.id);
    /// }
    /// # }
    /// ```
    pub fn supports(&self, task: Task) -> TaskSupport<'_> {
        let (verdict, reason) = self.judged(task);
        TaskSupport {
            verdict,
            reason,
            api_doc_url: self.api_doc_url.as_deref(),
        }
    }

    fn judged(&self, task: Task) -> (Support, String) {
        let lists = |features: &'static [ModelFeature]| {
            features
                .iter()
                .find(|feature| self.features.contains(feature))
        };
        let other_type = self
            .model_type
            .as_ref()
            .filter(|own| !matches!(own, ModelType::Other(_)) && !task.types().contains(own));
        if self.is_upcoming() {
            return (Support::Unsupported, "it is only announced".to_owned());
        }
        match (lists(task.shown_by()), lists(task.hinted_by()), other_type) {
            (Some(feature), _, None) => {
                (Support::Supported, format!("the catalog lists {feature}"))
            }
            (Some(feature), _, Some(other)) => (
                Support::Unknown,
                format!("the catalog lists {feature}, but the type {other}"),
            ),
            (None, _, Some(other)) => (Support::Unsupported, format!("it is of the type {other}")),
            (None, Some(feature), None) => (
                Support::Unknown,
                format!("the catalog lists {feature}, which may not be enough"),
            ),
            (None, None, None) => self.judged_by_other_features(),
        }
    }

    fn judged_by_other_features(&self) -> (Support, String) {
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
                format!("the catalog lists {features}, not all of which is known here"),
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

    /// The features that show that a model fits.
    fn shown_by(self) -> &'static [ModelFeature] {
        match self {
            Self::Chat => &[ModelFeature::TextToText],
            Self::Speech => &[ModelFeature::TextToSpeech],
            Self::Transcription => &[ModelFeature::SpeechToText],
            // Not every model that transcribes translates, and the catalog has no word for it.
            Self::Translation => &[],
        }
    }

    /// The features that a model for the task has, but others have too.
    fn hinted_by(self) -> &'static [ModelFeature] {
        match self {
            Self::Chat => &[ModelFeature::ImageToText, ModelFeature::VideoToText],
            Self::Translation => &[ModelFeature::SpeechToText],
            Self::Speech | Self::Transcription => &[],
        }
    }
}

impl<'a> TaskSupport<'a> {
    /// The response.
    pub fn support(&self) -> Support {
        self.verdict
    }

    /// What in the row decided.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The page that says how to call the model, if its row names one.
    pub fn api_doc_url(&self) -> Option<&'a str> {
        self.api_doc_url
    }
}

/// The response, the reason, and the page to compare with.
impl fmt::Display for TaskSupport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.verdict, self.reason)?;
        match self.api_doc_url {
            Some(page) => write!(f, "; see {page}"),
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

    fn verdict(row: Value, task: Task) -> Support {
        let model: CatalogModel = serde_json::from_value(row).unwrap();
        model.supports(task).support()
    }

    #[test]
    fn the_rows_of_the_contract_are_judged() {
        use Support::{Supported, Unknown, Unsupported};

        let page: CatalogPage = serde_json::from_str(EVERY_FIELD).unwrap();
        let judged = |model: &CatalogModel| TASKS.map(|task| model.supports(task).support());
        let rows: Vec<_> = page.data.iter().map(|m| (&*m.id, judged(m))).collect();
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
    fn the_reason_and_the_page_are_told() {
        let page: CatalogPage = serde_json::from_str(EVERY_FIELD).unwrap();
        let told = |id, task| page.find(id).unwrap().supports(task).to_string();
        let url = "https://apidoc.cometapi.com/api/text/chat";
        let chat = page.find("example-4.5").unwrap().supports(Task::Chat);
        assert_eq!(chat.api_doc_url(), Some(url));
        assert_eq!(chat.reason(), "the catalog lists text-to-text");
        assert_eq!(
            told("example-4.5", Task::Speech),
            format!("no, it is of the type text; see {url}")
        );
        assert_eq!(
            told("example-voice-1", Task::Transcription),
            "no, the catalog lists only text-to-speech"
        );
        assert_eq!(
            told("example-ears-1", Task::Translation),
            "unknown, the catalog lists speech-to-text, which may not be enough"
        );
        assert_eq!(told("example-5", Task::Chat), "no, it is only announced");
    }

    #[test]
    fn a_feature_without_a_type_is_enough() {
        let row = json!({"id": "m", "features": ["text-to-speech"]});
        assert_eq!(verdict(row, Task::Speech), Support::Supported);
    }

    #[test]
    fn what_is_new_or_contradicts_itself_is_unknown() {
        let contradiction =
            json!({"id": "m", "model_type": "text", "features": ["text-to-speech"]});
        assert_eq!(verdict(contradiction, Task::Speech), Support::Unknown);
        let feature = json!({"id": "m", "model_type": "audio", "features": ["text-to-song"]});
        assert_eq!(verdict(feature, Task::Speech), Support::Unknown);
        let model_type = json!({"id": "m", "model_type": "omni"});
        assert_eq!(verdict(model_type, Task::Chat), Support::Unknown);
    }

    #[test]
    fn a_type_alone_is_enough_for_a_no_and_not_for_a_yes() {
        let row = json!({"id": "m", "model_type": "image", "features": null});
        assert_eq!(verdict(row, Task::Chat), Support::Unsupported);
        let row = json!({"id": "m", "model_type": "audio"});
        assert_eq!(verdict(row, Task::Speech), Support::Unknown);
    }
}
