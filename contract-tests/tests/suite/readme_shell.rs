//! The README's lines for a shell, run in one.

use std::process::{Command, Output};

use cometapi_mock::Mock;
use tempfile::TempDir;

const README: &str = include_str!("../../README.md");
const DOCUMENTED: &str = "http://127.0.0.1:8080";

#[tokio::test]
async fn what_it_says_of_the_mock_holds() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: no curl");
        return;
    }
    let mock = Mock::start().await.unwrap();
    let lines = README.lines().filter(|line| line.contains(DOCUMENTED));
    let lines = lines.filter_map(|line| line.strip_prefix("$ "));
    let folder = TempDir::new().unwrap();
    let mut said = Vec::new();
    for line in lines {
        let Output { status, stdout, .. } = Command::new("sh")
            .args(["-c", &line.replace(DOCUMENTED, &mock.url())])
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(status.success(), "{line}");
        said.push(String::from_utf8(stdout).unwrap());
    }
    let expected = [
        r#""success": true,"#,
        r#""content":"Hello"#,
        "data: [DONE]\n\n",
        "/messages/0/role: required, but missing",
        "",
        r#"{"text":"Hello from curl."}"#,
        "rate_limit_exceeded",
        "model_not_found",
    ];
    assert_eq!(said.len(), expected.len(), "{said:?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.contains(expected), "{expected} is missing in {said}");
    }
}
