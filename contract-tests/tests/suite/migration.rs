//! What the migration tables offer is what compiles: their right-hand sides stand in the programs
//! below them, which are tests of the client's documentation.

const MIGRATION: &str = include_str!("../../../client/MIGRATION.md");

/// What stands between backticks in the last column of the tables that lead here.
fn offered() -> Vec<&'static str> {
    let tables = MIGRATION.split("```");
    let rows = tables.step_by(2).flat_map(str::lines);
    let cells = rows.filter_map(|line| line.strip_suffix(" |")?.rsplit_once(" | "));
    let cells = cells.map(|(_, here)| here);
    let code = cells.flat_map(|here| here.split('`').skip(1).step_by(2));
    code.collect()
}

fn without_whitespace(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn what_the_tables_offer_compiles() {
    let programs: String = MIGRATION.split("```").skip(1).step_by(2).collect();
    let programs = without_whitespace(&programs);
    // Names of programs and variables, which are no Rust.
    let is_rust = |code: &&&str| code.contains(['(', ':', '.']);
    let offered = offered();
    let missing: Vec<_> = offered
        .iter()
        .filter(is_rust)
        .filter(|code| !programs.contains(&without_whitespace(code)))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(offered.len() > 40, "{} were found", offered.len());
}

#[test]
fn the_twins_are_there() {
    let links = MIGRATION.split("](examples/").skip(1);
    let mut linked: Vec<_> = links
        .map(|rest| rest.split_once(')').unwrap().0.to_owned())
        .collect();
    linked.push("quickstart.rs".to_owned());
    linked.sort();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../client/examples");
    let files = std::fs::read_dir(examples).unwrap();
    let mut there: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(linked, there);
}
