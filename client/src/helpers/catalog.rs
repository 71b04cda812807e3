//! Choosing from the catalog.

use strsim::levenshtein;

use crate::types::{CatalogModel, CatalogPage, ModelFeature, ModelType};

/// As many as someone reads.
const CLOSEST: usize = 3;

impl CatalogPage {
    /// The row of this id; if there is none, the row of this code.
    ///
    /// A code is another spelling of an id, so take [`CatalogModel::id`] from the row for
    /// requests. The row may be of a model that is only [announced](CatalogModel::is_upcoming).
    pub fn find(&self, id_or_code: &str) -> Option<&CatalogModel> {
        let with_code = |model: &&CatalogModel| model.code.as_deref() == Some(id_or_code);
        let with_id = self.data.iter().find(|model| model.id == id_or_code);
        with_id.or_else(|| self.data.iter().find(with_code))
    }

    /// The models that can be called, without those that are only announced.
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

    /// The models that can be called and whose ids or codes are most like this one, the most alike
    /// first: what an id that is [gone](Self::find) may have become, or was meant to be. Empty if
    /// none is alike.
    pub fn suggest(&self, id: &str) -> Vec<&CatalogModel> {
        let id = id.to_lowercase();
        let farthest = id.chars().count() / 2;
        let unlike = |model: &CatalogModel| {
            let spellings = [Some(&model.id), model.code.as_ref()];
            let spellings = spellings.into_iter().flatten();
            spellings
                .map(|name| levenshtein(&id, &name.to_lowercase()))
                .min()
        };
        let alike = |model| Some((unlike(model).filter(|edits| *edits <= farthest)?, model));
        let mut found: Vec<_> = self.available().filter_map(alike).collect();
        found.sort_by_key(|(edits, _)| *edits);
        found.truncate(CLOSEST);
        found.into_iter().map(|(_, model)| model).collect()
    }

    /// Whether these are all rows of the catalog. A model that isn't on a page that was cut off may
    /// still be in the catalog.
    pub fn is_complete(&self) -> bool {
        let rows = i64::try_from(self.data.len()).unwrap_or(i64::MAX);
        self.total.is_none_or(|total| total <= rows)
    }
}

impl CatalogModel {
    /// Whether the model is only announced, and can't be called yet.
    pub fn is_upcoming(&self) -> bool {
        self.upcoming == Some(true)
    }

    /// Whether the catalog says that the model is of this type, such as `"audio"`.
    pub fn has_type(&self, model_type: impl Into<ModelType>) -> bool {
        self.model_type.as_ref() == Some(&model_type.into())
    }

    /// Whether the catalog lists this feature, such as `"text-to-speech"`. Some rows list none,
    /// whatever the model can do.
    pub fn has_feature(&self, feature: impl Into<ModelFeature>) -> bool {
        self.features.contains(&feature.into())
    }

    /// Whether the model is of this provider, by name or short name, in capitals or not.
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
    const CUT: &str = include_str!("../../../openapi/examples/catalog/documented_audio.json");

    fn page(json: &str) -> CatalogPage {
        serde_json::from_str(json).unwrap()
    }

    fn ids<'p>(models: impl IntoIterator<Item = &'p CatalogModel>) -> Vec<&'p str> {
        models.into_iter().map(|model| model.id.as_str()).collect()
    }

    /// The ids of the catalog's rows that are most like this one.
    fn closest<'p>(page: &'p CatalogPage, id: &str) -> Vec<&'p str> {
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
    fn what_is_announced_is_not_available() {
        let page = page(EVERY_FIELD);
        let available = ids(page.available());
        assert_eq!(available.len(), page.data.len() - 1);
        assert!(!available.contains(&"example-5"));
        assert!(page.find("example-5").unwrap().is_upcoming());
    }

    #[test]
    fn rows_are_chosen_by_type_feature_and_provider() {
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
    fn the_closest_come_first_and_announced_ones_never() {
        let page = page(EVERY_FIELD);
        assert_eq!(closest(&page, "EXAMPLE-VOICE")[0], "example-voice-1");
        assert_eq!(closest(&page, "example-chat-2").len(), 3);
        assert!(!closest(&page, "example-5").contains(&"example-5"));
        assert!(closest(&page, "zzzzzzzzzzz").is_empty());
        assert!(closest(&page, "").is_empty());
    }

    #[test]
    fn a_model_may_be_closest_by_its_code() {
        let row = json!({"id": "d41d8cd98f", "code": "example-5-mini"});
        let page = page(&json!({"success": true, "data": [row]}).to_string());
        assert_eq!(closest(&page, "example5-mini"), ["d41d8cd98f"]);
    }

    #[test]
    fn a_page_that_was_cut_off_is_not_whole() {
        assert!(page(EVERY_FIELD).is_complete());
        assert!(!page(CUT).is_complete());
        assert!(page(r#"{"success":true,"data":[]}"#).is_complete());
    }
}
