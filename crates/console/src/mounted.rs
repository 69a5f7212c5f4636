use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use relay::mount::{Answering, Mounted};
use tokio::runtime::Handle;

use crate::State;
use crate::site;

/// Everything of the administrator's, ready to be mounted at the front door.
#[derive(Clone)]
pub struct Console {
    router: TowerToHyperService<axum::Router>,
    /// Where the endpoints run: the database's connections belong to this runtime, and a slow page
    /// must not hold up a worker.
    runtime: Handle,
}

impl Console {
    /// Endpoints that work with `state` on `runtime`.
    pub fn new(state: State, runtime: Handle) -> Self {
        Self { router: TowerToHyperService::new(site::router(state)), runtime }
    }
}

impl Mounted for Console {
    fn answer(&self, request: Request<Incoming>) -> Answering {
        let answer = self.router.call(request.map(axum::body::Body::new));
        let answer = self.runtime.spawn(answer);
        Box::pin(async move {
            match answer.await {
                Ok(Ok(response)) => {
                    Some(response.map(|body| body.map_err(Into::into).boxed_unsync()))
                }
                Ok(Err(never)) => match never {},
                Err(_) => None,
            }
        })
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Console").finish_non_exhaustive()
    }
}
