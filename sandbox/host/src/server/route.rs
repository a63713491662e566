//! Which component answers which path.
//!
//! Source: <https://spinframework.dev/http-trigger#http-trigger-routes>. A route is a path of
//! segments; `:name` stands for any segment, `...` at the end for any number of them. A trailing
//! slash makes no difference. The most specific route wins, compared segment by segment.

use crate::manifest::{HttpTrigger, TriggerRoute};
use std::cmp::Reverse;

/// The public routes of an application.
pub(crate) struct RouteTable {
    /// The most specific first.
    routes: Vec<(Vec<RouteSegment>, String)>,
}

/// In order of how specific they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RouteSegment {
    /// All segments that are left.
    Rest,
    Any,
    Exactly(String),
}

/// Why routes can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RouteError {
    #[error("the routes of `{0}` and `{1}` mean the same paths")]
    Twice(String, String),
    #[error("the route `{0}` has `...` or `*` in another place than its end")]
    Misplaced(String),
}

impl RouteTable {
    pub(crate) fn new(triggers: &[HttpTrigger]) -> Result<Self, RouteError> {
        let mut routes: Vec<(Vec<RouteSegment>, String)> = Vec::new();
        for trigger in triggers {
            let TriggerRoute::Public(path) = &trigger.route else {
                continue;
            };
            let segments = parse(path)?;
            if let Some((_, first)) = routes.iter().find(|(known, _)| *known == segments) {
                return Err(RouteError::Twice(first.clone(), trigger.component.clone()));
            }
            routes.push((segments, trigger.component.clone()));
        }
        routes.sort_by_cached_key(|(segments, _)| Reverse(specificity(segments)));
        Ok(Self { routes })
    }

    /// The component for a path.
    pub(crate) fn find(&self, path: &str) -> Option<&str> {
        let path: Vec<&str> = split(path).collect();
        let found = self
            .routes
            .iter()
            .find(|(segments, _)| fits(segments, &path));
        found.map(|(_, component)| component.as_str())
    }
}

fn parse(route: &str) -> Result<Vec<RouteSegment>, RouteError> {
    let segments: Vec<RouteSegment> = split(route)
        .map(|segment| match segment {
            "..." | "*" => RouteSegment::Rest,
            name if name.starts_with(':') => RouteSegment::Any,
            exactly => RouteSegment::Exactly(exactly.to_owned()),
        })
        .collect();
    match segments.split_last() {
        Some((_, before)) if before.contains(&RouteSegment::Rest) => {
            Err(RouteError::Misplaced(route.to_owned()))
        }
        _ => Ok(segments),
    }
}

/// Greater is more specific. The end of a path counts as a segment of its own: `/a` is more specific
/// than `/a/...`.
fn specificity(segments: &[RouteSegment]) -> Vec<RouteSegment> {
    let mut segments = segments.to_vec();
    if segments.last() != Some(&RouteSegment::Rest) {
        segments.push(RouteSegment::Exactly(String::new()));
    }
    segments
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn fits(segments: &[RouteSegment], path: &[&str]) -> bool {
    match (segments.split_first(), path.split_first()) {
        (Some((RouteSegment::Rest, _)), _) | (None, None) => true,
        (Some((RouteSegment::Any, segments)), Some((_, path))) => fits(segments, path),
        (Some((RouteSegment::Exactly(name), segments)), Some((first, path))) => {
            name == first && fits(segments, path)
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RouteTable;
    use crate::manifest::{HttpTrigger, TriggerRoute};

    fn router(routes: &[&str]) -> RouteTable {
        RouteTable::new(&triggers(routes)).unwrap()
    }

    fn triggers(routes: &[&str]) -> Vec<HttpTrigger> {
        let trigger = |route: &&str| HttpTrigger {
            id: String::new(),
            component: (*route).to_owned(),
            route: TriggerRoute::Public((*route).to_owned()),
        };
        routes.iter().map(trigger).collect()
    }

    #[test]
    fn the_most_specific_route_wins_whatever_the_order() {
        let routes = ["/...", "/a/:name", "/a/b", "/a/b/...", "/a/:name/c", "/"];
        for order in [routes.to_vec(), routes.iter().rev().copied().collect()] {
            let router = router(&order);
            for (path, route) in [
                ("/", "/"),
                ("/x", "/..."),
                ("/a", "/..."),
                ("/a/b", "/a/b"),
                ("/a/b/", "/a/b"),
                ("/a/x", "/a/:name"),
                ("/a/x/c", "/a/:name/c"),
                ("/a/b/x/y", "/a/b/..."),
                ("/a/x/d", "/..."),
            ] {
                assert_eq!(router.find(path), Some(route), "{path}");
            }
        }
    }

    #[test]
    fn paths_without_route_have_no_component() {
        let router = router(&["/a", "/b/..."]);
        for path in ["/", "/A", "/a/b", "/bc", "/c"] {
            assert_eq!(router.find(path), None, "{path}");
        }
        assert_eq!(router.find("/b"), Some("/b/..."));
    }

    #[test]
    fn two_routes_for_the_same_paths_are_refused() {
        let error = RouteTable::new(&triggers(&["/a/:x", "/a/:y"]))
            .err()
            .unwrap();
        assert_eq!(
            error.to_string(),
            "the routes of `/a/:x` and `/a/:y` mean the same paths"
        );
        assert!(RouteTable::new(&triggers(&["/.../a"])).is_err());
    }
}
