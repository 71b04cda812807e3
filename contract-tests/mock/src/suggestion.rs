//! Which documented method and path someone may have meant.

use strsim::levenshtein;

/// Another method is a slip like a few wrong characters in the path.
const OTHER_METHOD: usize = 3;

/// The method and path of `candidates` that is least unlike the wanted one.
///
/// A `{parameter}` in a candidate's path is like anything.
pub fn suggest_route<'a>(
    candidates: &'a [(String, String)],
    method: &str,
    path: &str,
) -> Option<&'a (String, String)> {
    candidates
        .iter()
        .min_by_key(|(candidate_method, candidate)| {
            let other_method = match candidate_method == method {
                true => 0,
                false => OTHER_METHOD,
            };
            other_method + levenshtein(&filled(candidate, path), path)
        })
}

fn filled(template: &str, path: &str) -> String {
    let mut segments = path.split('/');
    let fill = |documented| {
        let segment = segments.next();
        match is_parameter(documented) {
            true => segment.unwrap_or(documented),
            false => documented,
        }
    };
    let segments: Vec<&str> = template.split('/').map(fill).collect();
    segments.join("/")
}

/// Whether a segment of a path's template stands for any value.
pub(crate) fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

#[cfg(test)]
mod tests {
    use super::suggest_route;

    #[test]
    fn the_path_counts_more_than_the_method() {
        let candidates = [("GET", "/things"), ("POST", "/things/search")];
        let candidates = candidates.map(|(method, path)| (method.to_owned(), path.to_owned()));
        let found = suggest_route(&candidates, "POST", "/thing");
        assert_eq!(found, Some(&candidates[0]));
        assert_eq!(suggest_route(&[], "GET", "/"), None);
    }

    #[test]
    fn a_parameter_is_like_anything() {
        let candidates = [("GET", "/things"), ("GET", "/things/{thing_id}/parts")];
        let candidates = candidates.map(|(method, path)| (method.to_owned(), path.to_owned()));
        let found = suggest_route(&candidates, "GET", "/things/7/part");
        assert_eq!(found, Some(&candidates[1]));
    }
}
