//! Every address of the console, in one table that can be read: tests ask each of them for what
//! strangers get.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::MethodRouter;
use http::Method;

use crate::State;

/// An address that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// How it is asked.
    pub method: Method,
    /// Its path, with `{name}` for what varies.
    pub path: &'static str,
}

/// A router that knows what it routes.
pub(crate) struct Routes {
    router: Router<State>,
    listed: Vec<Route>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), listed: Vec::new() }
    }

    pub(crate) fn get<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.add(Method::GET, path, axum::routing::get(handler))
    }

    pub(crate) fn post<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.add(Method::POST, path, axum::routing::post(handler))
    }

    /// For larger bodies than others have.
    pub(crate) fn post_large<H, T>(
        self,
        path: &'static str,
        limit: DefaultBodyLimit,
        handler: H,
    ) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        let handler = axum::routing::post(handler).layer(limit);
        self.add(Method::POST, path, handler)
    }

    pub(crate) fn put<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.add(Method::PUT, path, axum::routing::put(handler))
    }

    /// The same as [`Routes::post_large`] for what takes the place of something.
    pub(crate) fn put_large<H, T>(
        self,
        path: &'static str,
        limit: DefaultBodyLimit,
        handler: H,
    ) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        let handler = axum::routing::put(handler).layer(limit);
        self.add(Method::PUT, path, handler)
    }

    pub(crate) fn patch<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.add(Method::PATCH, path, axum::routing::patch(handler))
    }

    pub(crate) fn delete<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.add(Method::DELETE, path, axum::routing::delete(handler))
    }

    /// The routes of both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.listed.extend(other.listed);
        Self { router: self.router.merge(other.router), listed: self.listed }
    }

    pub(crate) fn into_parts(self) -> (Router<State>, Vec<Route>) {
        (self.router, self.listed)
    }

    fn add(mut self, method: Method, path: &'static str, handler: MethodRouter<State>) -> Self {
        self.listed.push(Route { method, path });
        Self { router: self.router.route(path, handler), listed: self.listed }
    }
}
