//! The front: which function answers an address, chosen as the gateway in AWS chooses.
//!
//! Only what the template declares is served: an address or method that it lacks is nobody's here, as it would be
//! there.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use lambda::Problem;
use tower::Service as _;

use crate::wiring::Route;

/// One part of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Exactly this.
    Word(String),
    /// Any one part: `{name}`.
    Any,
    /// All that follow, at least one: `{name+}`.
    Rest,
}

/// A route and who answers it.
#[derive(Debug, Clone)]
struct Way {
    route: Route,
    method: Option<Method>,
    parts: Vec<Part>,
    door: Router,
}

impl Way {
    /// The more exactly a way names its paths, the earlier it stands: one without `{name+}` before one with it, then
    /// word before `{name}`, part by part, then a method before any.
    fn rank(&self) -> (bool, Vec<u8>, bool) {
        let exact = |part: &Part| match part {
            Part::Word(_) => 0,
            Part::Any => 1,
            Part::Rest => 2,
        };
        let ranks = self.parts.iter().map(exact).collect();
        (self.parts.last() == Some(&Part::Rest), ranks, self.method.is_none())
    }

    fn leads(&self, method: &Method, path: &str) -> bool {
        if self.method.as_ref().is_some_and(|own| own != method) {
            return false;
        }
        let mut given = path.split('/').skip(1);
        for part in &self.parts {
            let Some(word) = given.next() else { return false };
            match part {
                Part::Word(own) if own == word => {}
                Part::Any if !word.is_empty() => {}
                Part::Rest => return !word.is_empty(),
                Part::Word(_) | Part::Any => return false,
            }
        }
        given.next().is_none()
    }
}

/// Addresses, and the functions behind them.
#[derive(Debug, Clone, Default)]
pub struct Front(Vec<Way>);

/// Why a front cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrontError {
    /// A route leads to a function that this program has no code for.
    #[error("{path} leads to the function {function}, which answers no requests in this version")]
    NoFunction {
        /// The route's path.
        path: String,
        /// The function.
        function: String,
    },
    /// A route has a method that is none.
    #[error("{method} {path}: there is no such method")]
    NoMethod {
        /// The method.
        method: String,
        /// The route's path.
        path: String,
    },
}

impl Front {
    /// A front with these routes to these functions.
    ///
    /// # Errors
    /// If a route leads to none of them.
    pub fn new(routes: &[Route], functions: &BTreeMap<String, Router>) -> Result<Self, FrontError> {
        let mut ways = Vec::new();
        for route in routes {
            let door = functions.get(&route.function).cloned().ok_or_else(|| FrontError::NoFunction {
                path: route.path.clone(),
                function: route.function.clone(),
            })?;
            let known = route.method.as_ref().map(|method| method.parse::<Method>());
            let method = known.transpose().map_err(|_| FrontError::NoMethod {
                method: route.method.clone().unwrap_or_default(),
                path: route.path.clone(),
            })?;
            ways.push(Way { route: route.clone(), method, parts: parts(&route.path), door });
        }
        ways.sort_by_cached_key(Way::rank);
        Ok(Self(ways))
    }

    /// The route by which a request is answered, if one leads anywhere.
    #[must_use]
    pub fn route(&self, method: &Method, path: &str) -> Option<&Route> {
        self.way(method, path).map(|way| &way.route)
    }

    /// One router for all of it.
    pub fn router(self) -> Router {
        Router::new().fallback(pass).with_state(Arc::new(self))
    }

    fn way(&self, method: &Method, path: &str) -> Option<&Way> {
        self.0.iter().find(|way| way.leads(method, path))
    }
}

fn parts(path: &str) -> Vec<Part> {
    let part = |text: &str| match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) if name.ends_with('+') => Part::Rest,
        Some(_) => Part::Any,
        None => Part::Word(text.to_owned()),
    };
    path.split('/').skip(1).map(part).collect()
}

async fn pass(State(front): State<Arc<Front>>, request: Request) -> Response {
    let Some(way) = front.way(request.method(), request.uri().path()) else {
        let told =
            "nothing is served at this address with this method: the template declares no route for it";
        return Problem::new(StatusCode::NOT_FOUND, told).into_response();
    };
    // A router takes requests at any time: there is nothing to wait for.
    let answered: Result<Response, Infallible> = way.door.clone().call(request).await;
    answered.unwrap_or_else(|never| match never {})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(routes: &[(&str, &str)]) -> Front {
        let route = |(key, function): &(&str, &str)| {
            let (method, path) = key.split_once(' ').unwrap();
            let method = Some(method.to_owned()).filter(|method| method != "ANY");
            Route { method, path: path.to_owned(), function: (*function).to_owned() }
        };
        let names = routes.iter().map(|(_, function)| ((*function).to_owned(), Router::new()));
        Front::new(&routes.iter().map(route).collect::<Vec<_>>(), &names.collect()).unwrap()
    }

    fn asked<'a>(front: &'a Front, method: &str, path: &str) -> Option<&'a str> {
        front.route(&method.parse().unwrap(), path).map(|route| route.function.as_str())
    }

    #[test]
    fn the_most_exact_route_answers() {
        let front = front(&[
            ("ANY /v1/stores/{proxy+}", "rest"),
            ("GET /v1/stores/{store}/products", "products"),
            ("ANY /v1/stores/{store}/products", "any"),
            ("GET /v1/stores/{store}/{what}", "what"),
            ("GET /v1/stores/first/{proxy+}", "first"),
            ("GET /", "page"),
        ]);
        let asked = |method: &str, path: &str| asked(&front, method, path);
        assert_eq!(asked("GET", "/v1/stores/a/products"), Some("products"));
        assert_eq!(asked("POST", "/v1/stores/a/products"), Some("any"));
        assert_eq!(asked("GET", "/v1/stores/a/orders"), Some("what"));
        assert_eq!(asked("GET", "/v1/stores/first/orders"), Some("what"), "a whole match before a rest");
        assert_eq!(asked("GET", "/v1/stores/first/orders/1"), Some("first"));
        assert_eq!(asked("GET", "/v1/stores/a/orders/1"), Some("rest"));
        assert_eq!(asked("GET", "/"), Some("page"));
    }

    #[test]
    fn what_is_not_declared_is_nobodys() {
        let front =
            front(&[("GET /stock", "books"), ("ANY /stores/{proxy+}", "stores"), ("GET /x/{y}", "x")]);
        let asked = |method: &str, path: &str| asked(&front, method, path);
        assert_eq!(asked("GET", "/stock"), Some("books"));
        let none = [
            ("POST", "/stock"),
            ("HEAD", "/stock"),
            ("GET", "/stock/"),
            ("GET", "/stores"),
            ("GET", "/stores/"),
        ];
        for (method, path) in
            none.into_iter().chain([("GET", "/"), ("GET", "/x/"), ("GET", "/x"), ("GET", "")])
        {
            assert_eq!(asked(method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn a_route_to_nobody_is_refused() {
        let route = |method: &str, function: &str| Route {
            method: Some(method.into()),
            path: "/a".into(),
            function: function.into(),
        };
        let with = BTreeMap::from([("there".to_owned(), Router::new())]);
        let gone = Front::new(&[route("GET", "gone")], &with).unwrap_err().to_string();
        assert!(gone.contains("/a leads to the function gone"), "{gone}");
        let method = Front::new(&[route("G T", "there")], &with).unwrap_err().to_string();
        assert!(method.contains("no such method"), "{method}");
    }
}
