//! One event loop a core. The acceptor deals connections to the workers in turn; from then on a
//! connection, its upstream calls and their timers stay on that worker's thread.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection;
use super::listener::Listener;
use crate::gateway::Gateway;
use crate::service::Service;

/// After a failed `accept` (no file descriptors left, say) the loop breathes instead of spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

type Accepted = (std::net::TcpStream, OwnedSemaphorePermit);

/// The running workers.
#[derive(Debug)]
pub struct Workers {
    senders: Vec<mpsc::UnboundedSender<Accepted>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` threads (at least one), each with an event loop of its own.
    pub fn start(gateway: &Arc<Gateway>, count: usize) -> io::Result<Self> {
        let mut workers = Self { senders: Vec::new(), threads: Vec::new() };
        for index in 0..count.max(1) {
            let (sender, receiver) = mpsc::unbounded_channel();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let gateway = Arc::clone(gateway);
            let thread = std::thread::Builder::new()
                .name(format!("worker-{index}"))
                .spawn(move || runtime.block_on(run(gateway, receiver)))?;
            workers.senders.push(sender);
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// Waits until every worker has finished its connections. Call after [`serve`] has returned,
    /// from a thread that may block.
    pub fn join(self) {
        drop(self.senders);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker ended by a panic");
            }
        }
    }
}

/// Accepts connections and deals them to `workers` until `stop` is cancelled; then closes the
/// socket and gives the workers back. No more than `max_connections` are open at a time; others
/// wait in the kernel's backlog.
pub async fn serve(
    listener: Listener,
    workers: Workers,
    max_connections: usize,
    stop: CancellationToken,
) -> Workers {
    let permits = Arc::new(Semaphore::new(max_connections));
    for worker in workers.senders.iter().cycle() {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        match accepted {
            Ok(accepted) => {
                if worker.send(accepted).is_err() {
                    tracing::error!("a worker is gone; its connection is dropped");
                }
            }
            Err(error) => {
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    workers
}

async fn accept(listener: &Listener, permits: &Arc<Semaphore>) -> io::Result<Accepted> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let stream = listener.accept().await?;
    Ok((stream.into_std()?, permit))
}

async fn run(gateway: Arc<Gateway>, mut receiver: mpsc::UnboundedReceiver<Accepted>) {
    let service = Service::new(Arc::clone(&gateway));
    let connections = TaskTracker::new();
    while let Some((stream, permit)) = receiver.recv().await {
        let Ok(stream) = TcpStream::from_std(stream) else { continue };
        let service = service.clone();
        connections.spawn(async move {
            connection::serve(stream, service).await;
            drop(permit);
        });
    }
    connections.close();
    connections.wait().await;
    // Some of what is worked on while nobody waits may run on this thread.
    gateway.background.idle().await;
}
