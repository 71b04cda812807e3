//! Queries on the model catalog.

use strsim::levenshtein;

use crate::types::{CatalogModel, CatalogPage, ModelFeature, ModelType};

/// The maximum number of models that [`CatalogPage::suggest`] returns: 3, as many as a reader compares.
const MAX_SUGGESTIONS: usize = 3;

impl CatalogPage {
    /// Returns the row with this id or, if there is none, the row with this code.
    ///
    /// A code is another spelling of an id. Use [`CatalogModel::id`] of the row in requests. The
    /// row may describe a model that is only [announced](CatalogModel::is_upcoming).
    pub fn find(&self, id_or_code: &str) -> Option<&CatalogModel> {
        let with_code = |model: &&CatalogModel| model.code.as_deref() == Some(id_or_code);
        let with_id = self.data.iter().find(|model| model.id == id_or_code);
        with_id.or_else(|| self.data.iter().find(with_code))
    }

    /// Returns the models that can be called, without those that are only announced.
    ///
    /// ```
    /// # fn speakers(catalog: &cometapi::types::CatalogPage) {
    /// let speakers = catalog
    ///     .available()
    ///     .filter(|model| model.has_provider("openai") && model.has_feature("text-to-speech"));
    /// for model in speakers {
    ///     println!("{}", model.id);
    /// }
    /// # }
    /// ```
    pub fn available(&self) -> impl Iterator<Item = &CatalogModel> {
        self.data.iter().filter(|model| !model.is_upcoming())
    }

    /// Returns up to 3 callable models with the most similar ids or codes, the most similar first.
    ///
    /// Use it for an id that [`find`](Self::find) does not find, because it was misspelt, renamed or
    /// removed. The result is empty if no id or code is similar: the edit distance must be at most
    /// half the length of `id`, regardless of case.
    pub fn suggest(&self, id: &str) -> Vec<&CatalogModel> {
        let id = id.to_lowercase();
        let max_distance = id.chars().count() / 2;
        let distance = |model: &CatalogModel| {
            let spellings = [Some(&model.id), model.code.as_ref()];
            let spellings = spellings.into_iter().flatten();
            spellings
                .map(|name| levenshtein(&id, &name.to_lowercase()))
                .min()
        };
        let candidate = |model| {
            let edits = distance(model).filter(|edits| *edits <= max_distance)?;
            Some((edits, model))
        };
        let mut found: Vec<_> = self.available().filter_map(candidate).collect();
        found.sort_by_key(|(edits, _)| *edits);
        found.truncate(MAX_SUGGESTIONS);
        found.into_iter().map(|(_, model)| model).collect()
    }

    /// Returns whether the page contains all rows of the catalog. If it does not, a model that is
    /// missing here may still be in the catalog.
    pub fn is_complete(&self) -> bool {
        let rows = u64::try_from(self.data.len()).unwrap_or(u64::MAX);
        self.total.is_none_or(|total| total <= rows)
    }
}

impl CatalogModel {
    /// Returns whether the model is only announced and can't be called yet.
    pub fn is_upcoming(&self) -> bool {
        self.upcoming == Some(true)
    }

    /// Returns whether the catalog lists the model under this type, such as `"audio"`.
    pub fn has_type(&self, model_type: impl Into<ModelType>) -> bool {
        self.model_type.as_ref() == Some(&model_type.into())
    }

    /// Returns whether the catalog lists this feature, such as `"text-to-speech"`. Some rows list no
    /// features, although the model has some.
    pub fn has_feature(&self, feature: impl Into<ModelFeature>) -> bool {
        self.features.contains(&feature.into())
    }

    /// Returns whether this provider offers the model. Matches the provider's name or short name,
    /// ignoring ASCII case.
    pub fn has_provider(&self, provider: &str) -> bool {
        let names = [&self.provider, &self.provider_code];
        let mut names = names.into_iter().flatten();
        names.any(|name| name.eq_ignore_ascii_case(provider))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EVERY_FIELD: &str = include_str!("../../../openapi/examples/catalog/every_field.json");
    const INCOMPLETE_PAGE: &str =
        include_str!("../../../openapi/examples/catalog/documented_audio.json");

    fn page(json: &str) -> CatalogPage {
        serde_json::from_str(json).unwrap()
    }

    fn ids<'p>(models: impl IntoIterator<Item = &'p CatalogModel>) -> Vec<&'p str> {
        models.into_iter().map(|model| model.id.as_str()).collect()
    }

    /// The ids of the suggested models.
    fn suggestions<'p>(page: &'p CatalogPage, id: &str) -> Vec<&'p str> {
        ids(page.suggest(id))
    }

    #[test]
    fn a_row_is_found_by_id_then_by_code() {
        let page = page(EVERY_FIELD);
        let found = |name| page.find(name).map(|model| model.id.as_str());
        assert_eq!(found("example-4.5"), Some("example-4.5"));
        assert_eq!(found("example-4-5"), Some("example-4.5"));
        assert_eq!(found("example-5"), Some("example-5"), "announced");
        assert_eq!(found("example-4"), None);
    }

    #[test]
    fn an_id_comes_before_the_same_code_of_an_earlier_row() {
        let rows = json!({"success": true, "data": [{"id": "a", "code": "b"}, {"id": "b"}]});
        let page = page(&rows.to_string());
        assert_eq!(page.find("b").unwrap().id, "b");
    }

    #[test]
    fn announced_models_are_not_available() {
        let page = page(EVERY_FIELD);
        let available = ids(page.available());
        assert_eq!(available.len(), page.data.len() - 1);
        assert!(!available.contains(&"example-5"));
        assert!(page.find("example-5").unwrap().is_upcoming());
    }

    #[test]
    fn models_are_filtered_by_type_feature_and_provider() {
        let page = page(EVERY_FIELD);
        let audio = page.available().filter(|model| model.has_type("audio"));
        assert_eq!(ids(audio), ["example-ears-1", "example-voice-1"]);
        let speakers = |model: &&CatalogModel| model.has_feature(ModelFeature::TextToSpeech);
        assert_eq!(ids(page.available().filter(speakers)), ["example-voice-1"]);
        let by_name = page
            .available()
            .filter(|m| m.has_provider("EXAMPLEPROVIDER"));
        assert_eq!(by_name.count(), 7);
        let by_code = page
            .available()
            .filter(|model| model.has_provider("example"));
        assert_eq!(ids(by_code), ["example-4.5"]);
        assert_eq!(
            page.available().filter(|m| m.has_provider("other")).count(),
            0
        );
    }

    #[test]
    fn suggestions_are_sorted_and_exclude_announced_models() {
        let page = page(EVERY_FIELD);
        assert_eq!(suggestions(&page, "EXAMPLE-VOICE")[0], "example-voice-1");
        assert_eq!(suggestions(&page, "example-chat-2").len(), 3);
        assert!(!suggestions(&page, "example-5").contains(&"example-5"));
        assert!(suggestions(&page, "zzzzzzzzzzz").is_empty());
        assert!(suggestions(&page, "").is_empty());
    }

    #[test]
    fn a_model_may_be_suggested_by_its_code() {
        let row = json!({"id": "d41d8cd98f", "code": "example-5-mini"});
        let page = page(&json!({"success": true, "data": [row]}).to_string());
        assert_eq!(suggestions(&page, "example5-mini"), ["d41d8cd98f"]);
    }

    #[test]
    fn a_page_without_all_rows_is_not_complete() {
        assert!(page(EVERY_FIELD).is_complete());
        assert!(!page(INCOMPLETE_PAGE).is_complete());
        assert!(page(r#"{"success":true,"data":[]}"#).is_complete());
    }
}
