//! What the benchmark's page shows as the floor is what is measured.

const PAGE: &str = include_str!("../../../client/benches/peers/README.md");
const FLOOR: &str = include_str!("../../../client/benches/peers/src/same_types.rs");

#[test]
fn the_floor_with_the_same_types_is_shown_in_full() {
    let shown = format!("```rust\n{FLOOR}```\n");
    assert!(
        PAGE.contains(&shown),
        "the page lacks same_types.rs as it is"
    );
}
