//! The benchmark's README shows the typed baseline as it is measured.

const README: &str = include_str!("../../../client/benches/peers/README.md");
const TYPED_BASELINE: &str = include_str!("../../../client/benches/peers/src/typed_baseline.rs");

#[test]
fn the_typed_baseline_is_shown_in_full() {
    let shown = format!("```rust\n{TYPED_BASELINE}```\n");
    assert!(
        README.contains(&shown),
        "the README lacks typed_baseline.rs as it is"
    );
}
