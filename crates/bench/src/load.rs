//! Clients that ask as fast as they are answered.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{sleep, timeout};

use crate::answer::Reader;
use crate::process::{Tree, Usage};
use crate::scenario::{Scenario, Traffic, Words};

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// What one measurement found.
#[derive(Debug, Default, Clone)]
pub(crate) struct Measured {
    pub(crate) requests: usize,
    pub(crate) failures: usize,
    /// Why the first failed.
    pub(crate) complaint: Option<String>,
    /// CPU time of the program, in microseconds per request, or per piece of slow streams.
    pub(crate) cpu_micros: f64,
    pub(crate) per_second: f64,
    /// Latencies in milliseconds.
    pub(crate) median_ms: f64,
    pub(crate) p99_ms: f64,
    /// The most memory the program had, in MiB.
    pub(crate) peak_mib: f64,
}

/// What the clients of one measurement share.
struct Shared {
    address: SocketAddr,
    request: Vec<u8>,
    traffic: Traffic,
    words: Words,
    phase: Cell<Phase>,
    tally: RefCell<Tally>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    WarmUp,
    Counting,
    Over,
}

#[derive(Default)]
struct Tally {
    latencies: Vec<Duration>,
    failures: usize,
    complaint: Option<String>,
}

/// Puts load on `address` and measures what `tree` used for it.
pub(crate) async fn measure(
    scenario: &Scenario,
    words: Words,
    address: SocketAddr,
    tree: &Tree,
    warm_up: Duration,
    window: Duration,
) -> Result<Measured> {
    let shared = Rc::new(Shared {
        address,
        request: scenario.traffic.request(words),
        traffic: scenario.traffic,
        words,
        phase: Cell::new(Phase::WarmUp),
        tally: RefCell::default(),
    });
    let local = LocalSet::new();
    let (used, elapsed) = if scenario.traffic == Traffic::Slow {
        local.run_until(ask_once_each(scenario.connections, Rc::clone(&shared), tree)).await?
    } else {
        let shared = Rc::clone(&shared);
        local.run_until(ask_again(scenario.connections, shared, tree, warm_up, window)).await?
    };
    let pieces = match scenario.traffic {
        Traffic::Slow => scenario.traffic.pieces().unwrap_or(1),
        _ => 1,
    };
    let tally = shared.tally.take();
    Ok(summary(tally, &used, elapsed, pieces))
}

async fn ask_again(
    connections: usize,
    shared: Rc<Shared>,
    tree: &Tree,
    warm_up: Duration,
    window: Duration,
) -> Result<(Usage, Duration)> {
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        clients.spawn_local(client(Rc::clone(&shared)));
    }
    sleep(warm_up).await;
    shared.phase.set(Phase::Counting);
    let (before, start) = (tree.usage()?, Instant::now());
    sleep(window).await;
    shared.phase.set(Phase::Over);
    let (after, elapsed) = (tree.usage()?, start.elapsed());
    clients.join_all().await;
    Ok((after.since(&before), elapsed))
}

async fn ask_once_each(
    connections: usize,
    shared: Rc<Shared>,
    tree: &Tree,
) -> Result<(Usage, Duration)> {
    shared.phase.set(Phase::Over);
    let (before, start) = (tree.usage()?, Instant::now());
    let mut clients = JoinSet::new();
    for number in 0..connections {
        clients.spawn_local(client(Rc::clone(&shared)));
        // All at once would only measure the length of the queue of new connections.
        if number % 20 == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    clients.join_all().await;
    let elapsed = start.elapsed();
    // Closing the connections belongs to their cost.
    sleep(Duration::from_millis(100)).await;
    Ok((tree.usage()?.since(&before), elapsed))
}

/// Asks once, and again while the measurement lasts.
async fn client(shared: Rc<Shared>) {
    let mut connection = None;
    loop {
        let start = Instant::now();
        let asked = timeout(PATIENCE, ask(&mut connection, &shared)).await;
        let result = asked.context("no answer in time").flatten();
        let slow = shared.traffic == Traffic::Slow;
        if slow || shared.phase.get() == Phase::Counting {
            shared.tally.borrow_mut().latencies.push(start.elapsed());
        }
        if let Err(error) = result {
            connection = None;
            let mut tally = shared.tally.borrow_mut();
            tally.failures += 1;
            tally.complaint.get_or_insert_with(|| format!("{error:#}"));
        }
        if shared.phase.get() == Phase::Over {
            return;
        }
        if connection.is_none() {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn ask(connection: &mut Option<(TcpStream, Reader)>, shared: &Shared) -> Result<()> {
    let (stream, reader) = if let Some(open) = connection {
        open
    } else {
        let stream = TcpStream::connect(shared.address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        connection.insert((stream, Reader::default()))
    };
    stream.write_all(&shared.request).await?;
    reader.read(stream, shared.traffic, shared.words).await
}

fn summary(tally: Tally, used: &Usage, elapsed: Duration, pieces: usize) -> Measured {
    let Tally { mut latencies, failures, complaint } = tally;
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = (latencies.len() as f64 * share) as usize;
        latencies.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    };
    let (median_ms, p99_ms) = (at(0.5), at(0.99));
    let requests = latencies.len();
    Measured {
        requests,
        failures,
        complaint,
        cpu_micros: used.cpu.as_secs_f64() * 1e6 / (requests * pieces).max(1) as f64,
        per_second: requests as f64 / elapsed.as_secs_f64(),
        median_ms,
        p99_ms,
        peak_mib: used.peak_kib as f64 / 1024.0,
    }
}
