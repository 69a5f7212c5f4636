//! The listening server and its handle.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::call::{Call, Credentials};
use crate::clock::VirtualClock;
use crate::decide::decide;
use crate::feed::{Feed, ScriptedCut};
use crate::live;
use crate::models::Models;
use crate::quota::Meters;
use crate::received::{Journal, Received};
use crate::reply::Reply;
use crate::route::Operation;
use crate::script::{Script, SharedScript};
use crate::shelf::Shelf;
use crate::wire::{Sabotage, Wire};

/// How long [`FakeGemini::stop`] lets answers finish.
const GRACE: Duration = Duration::from_secs(2);

/// What all connections share.
pub(crate) struct Google {
    pub(crate) script: SharedScript,
    pub(crate) clock: VirtualClock,
    pub(crate) journal: Arc<Journal>,
    pub(crate) meters: Mutex<Meters>,
    pub(crate) models: Models,
    pub(crate) shelf: Mutex<Shelf>,
    /// Numbers the answers, for their ids.
    pub(crate) serial: AtomicU64,
    /// Changes, or has no sender any more, when everything ends.
    pub(crate) stopped: watch::Receiver<bool>,
}

/// A running simulated Google. Dropping it closes its port and its connections at once.
pub struct FakeGemini {
    address: SocketAddr,
    google: Arc<Google>,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl FakeGemini {
    /// Starts on a free port of 127.0.0.1. Needs a tokio runtime.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::start_on(script, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Starts on this address.
    pub async fn start_on(script: Script, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let google = Arc::new(Google {
            clock: script.clock_handle(),
            journal: Journal::new(script.keep(), script.keeps_answers()),
            script: SharedScript::new(script),
            meters: Mutex::default(),
            models: Models::load(),
            shelf: Mutex::default(),
            serial: AtomicU64::new(0),
            stopped: stopped.clone(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&google), stopped));
        Ok(Self { address, google, stop, accepting })
    }

    /// `http://127.0.0.1:port`, without a path.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The script, to change it while running.
    pub fn script(&self) -> &SharedScript {
        &self.google.script
    }

    /// The clock that quotas are counted by.
    pub fn clock(&self) -> VirtualClock {
        self.google.clock.clone()
    }

    /// The requests that arrived, oldest first (the newest 10 000, see [`Script::keep_received`]).
    pub fn received(&self) -> Vec<Received> {
        self.google.journal.received()
    }

    /// How many requests carried each key, refused ones included.
    pub fn calls_by_key(&self) -> BTreeMap<String, u64> {
        self.google.journal.calls_by_key()
    }

    /// How many requests carried each key for each model.
    pub fn calls_by_key_and_model(&self) -> BTreeMap<(String, String), u64> {
        self.google.journal.calls_by_key_and_model()
    }

    /// Forgets what was received and counted so far (quotas stay used).
    pub fn forget_received(&self) {
        self.google.journal.forget();
    }

    /// Requests whose answers have not ended.
    pub fn open_streams(&self) -> usize {
        self.google.journal.open()
    }

    /// How many clients left before their answer ended.
    pub fn cancelled(&self) -> u64 {
        self.google.journal.cancelled()
    }

    /// How often a key was used to ask for what exists in other projects only.
    pub fn strays(&self) -> u64 {
        self.shelf().strays
    }

    /// The bytes that were uploaded to a name, whatever its project.
    pub fn content(&self, name: &str) -> Option<Bytes> {
        self.shelf().content(name)
    }

    /// The projects in which something of this name exists.
    pub fn projects_of(&self, name: &str) -> Vec<String> {
        self.shelf().projects_of(name)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.google.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes no more connections, lets answers finish for up to two seconds, then closes.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let _stopped_or_late = tokio::time::timeout(GRACE, &mut self.accepting).await;
    }
}

impl Drop for FakeGemini {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, google: Arc<Google>, mut stopped: watch::Receiver<bool>) {
    // Aborting this task drops the set and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => serve(&mut connections, socket, Arc::clone(&google)),
                // Out of file descriptors, mostly: some will be free again in a moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

fn serve(connections: &mut JoinSet<()>, socket: TcpStream, google: Arc<Google>) {
    // A socket without the option works too, only later.
    let _ = socket.set_nodelay(true);
    let sabotage = Sabotage::default();
    let wire = TokioIo::new(Wire::new(socket, sabotage.clone()));
    let mut stopped = google.stopped.clone();
    let service = service_fn(move |request| answer(Arc::clone(&google), sabotage.clone(), request));
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(wire, service);
    connections.spawn(async move {
        let mut connection = pin!(connection.with_upgrades());
        // How a connection ends is seen by its client and in the journal.
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    });
}

/// The first bytes of a body, and whether there were more.
async fn beginning(mut body: Incoming, most: usize) -> (Bytes, bool) {
    let mut read = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            read.extend_from_slice(&data);
        }
        if read.len() > most {
            read.truncate(most);
            return (read.freeze(), true);
        }
    }
    (read.freeze(), false)
}

async fn answer(
    google: Arc<Google>,
    sabotage: Sabotage,
    request: Request<Incoming>,
) -> Result<Response<Feed>, ScriptedCut> {
    if request.uri().path().starts_with("/ws/") {
        return live::answer(google, request).await;
    }
    let (head, body) = request.into_parts();
    let cut = if head.uri.path().starts_with("/upload/") {
        google.script.lock().next_upload_cut()
    } else {
        None
    };
    let (body, is_cut) = match cut {
        Some(most) => beginning(body, most).await,
        // Whoever leaves within the body has asked nothing.
        None => (body.collect().await.map_err(|_| ScriptedCut)?.to_bytes(), false),
    };
    let mut call = Call::of(&head, body);
    call.is_cut = is_cut;
    let journal = match call.target.operation {
        // Whoever asks what arrived does not count, nor who meant somebody else: the system gives
        // ports anew, and where a gateway was a moment ago there may be this one now.
        Operation::Inspect => &Journal::new(0, false),
        Operation::Unknown if call.credentials == Credentials::None => &Journal::new(0, false),
        _ => &google.journal,
    };
    let guard = journal.arrive(call.received(head, google.clock.now_millis()));
    let decided = decide(&google, &call);
    if is_cut {
        return Err(ScriptedCut);
    }
    match decided {
        Reply::Http(answered) => {
            if !answered.delay.is_zero() {
                tokio::time::sleep(answered.delay).await;
            }
            Ok(answered.into_response(guard))
        }
        Reply::Cut => {
            guard.finish();
            Err(ScriptedCut)
        }
        Reply::Hang => std::future::pending().await,
        Reply::Garbage => {
            sabotage.arm();
            guard.finish();
            Ok(Response::new(Feed::new(Box::new(std::iter::empty()), Some(0), guard)))
        }
    }
}
