//! Fuzz target for the decoder of the catalog, whose providers spell numbers in several ways.

#![no_main]

use cometapi::types::CatalogPage;
use cometapi_fuzz::assert_consistent_decoding;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let Some(page) = assert_consistent_decoding::<CatalogPage>(body) else {
        return;
    };
    let Ok(fields) = serde_json::from_slice::<Value>(body) else {
        return;
    };
    let models = fields["data"].as_array().unwrap();
    assert_eq!(models.len(), page.data.len());
    for (model, fields) in page.data.iter().zip(models) {
        assert_eq!(fields["id"], *model.id);
    }
});
