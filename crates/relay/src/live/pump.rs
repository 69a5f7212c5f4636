//! Both directions of a session. A message is read when the one before it has been handed to the other
//! side's socket, so a slow reader slows down who writes, and nothing piles up here.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The two sides of a session, and what is on its way between them.
pub(super) struct Pump<'a, C, G> {
    pub(super) client: Side<'a, C>,
    pub(super) google: Side<'a, G>,
}

/// One side.
pub(super) struct Side<'a, S> {
    pub(super) socket: &'a mut WebSocketStream<S>,
    /// What this side is to be told.
    waiting: VecDeque<Message>,
    /// Whether something was handed to the socket that may not have left.
    is_unflushed: bool,
    /// When this side has said anything for the last time, be it a pong.
    pub(super) heard: Instant,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Party {
    Client,
    Google,
}

/// How a session's traffic ends by itself.
#[derive(Debug)]
pub(super) enum Stopped {
    /// One side has said that it ends.
    Closed(Party, Option<CloseFrame>),
    /// One side is gone, or breaks the rules.
    Lost(Party, Error),
}

impl<'a, S> Side<'a, S> {
    /// A side that is to be told these messages first.
    pub(super) fn new(
        socket: &'a mut WebSocketStream<S>,
        waiting: impl Into<VecDeque<Message>>,
    ) -> Self {
        Self { socket, waiting: waiting.into(), is_unflushed: false, heard: Instant::now() }
    }

    /// Tells this side something of our own.
    pub(super) fn tell(&mut self, message: Message) {
        self.waiting.push_back(message);
    }

    /// Asks whether this side is there; it answers by itself.
    pub(super) fn ping(&mut self) {
        if self.waiting.is_empty() {
            self.waiting.push_back(Message::Ping(bytes::Bytes::new()));
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Side<'_, S> {
    /// Ready when all is out that this side is to be told.
    fn poll_told(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.waiting.is_empty() {
            std::task::ready!(Pin::new(&mut *self.socket).poll_ready(context))?;
            if let Some(message) = self.waiting.pop_front() {
                Pin::new(&mut *self.socket).start_send(message)?;
                self.is_unflushed = true;
            }
        }
        if self.is_unflushed {
            std::task::ready!(Pin::new(&mut *self.socket).poll_flush(context))?;
            self.is_unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// The next message of this side that is for the other.
    fn poll_said(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Over>> {
        loop {
            let said = std::task::ready!(Pin::new(&mut *self.socket).poll_next(context));
            self.heard = Instant::now();
            match said {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    return Poll::Ready(Ok(message));
                }
                Some(Ok(Message::Close(close))) => return Poll::Ready(Err(Over::Closed(close))),
                // Pings are answered by the socket.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Err(Over::Lost(error))),
                None => return Poll::Ready(Err(Over::Lost(Error::ConnectionClosed))),
            }
        }
    }
}

/// A side says nothing more.
enum Over {
    Closed(Option<CloseFrame>),
    Lost(Error),
}

impl<C, G> Pump<'_, C, G>
where
    C: AsyncRead + AsyncWrite + Unpin,
    G: AsyncRead + AsyncWrite + Unpin,
{
    /// Carries messages until one side ends. `hear` is told what Google says. Nothing is lost if this is
    /// dropped and called again.
    pub(super) async fn run(&mut self, mut hear: impl FnMut(&Message)) -> Stopped {
        let Self { client, google } = self;
        poll_fn(|context| {
            let down = carry(Party::Google, google, Party::Client, client, context, &mut hear);
            if down.is_ready() {
                return down;
            }
            carry(Party::Client, client, Party::Google, google, context, &mut |_| {})
        })
        .await
    }
}

/// Carries messages in one direction for as long as both sides are ready.
fn carry<A, B>(
    from: Party,
    speaker: &mut Side<'_, A>,
    to: Party,
    listener: &mut Side<'_, B>,
    context: &mut Context<'_>,
    hear: &mut impl FnMut(&Message),
) -> Poll<Stopped>
where
    A: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        if let Err(error) = std::task::ready!(listener.poll_told(context)) {
            return Poll::Ready(Stopped::Lost(to, error));
        }
        match std::task::ready!(speaker.poll_said(context)) {
            Ok(message) => {
                hear(&message);
                listener.waiting.push_back(message);
            }
            Err(Over::Closed(close)) => return Poll::Ready(Stopped::Closed(from, close)),
            Err(Over::Lost(error)) => return Poll::Ready(Stopped::Lost(from, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt as _, StreamExt as _};
    use tokio::io::DuplexStream;
    use tokio_tungstenite::tungstenite::protocol::Role;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

    use super::*;

    type Socket = WebSocketStream<DuplexStream>;

    /// Somebody far away, and the near end of the wire.
    async fn wire(far: Role, near: Role) -> (Socket, Socket) {
        let (one, other) = tokio::io::duplex(4096);
        let config = Some(upstream::socket_config(1 << 20));
        let far = WebSocketStream::from_raw_socket(one, far, config).await;
        (far, WebSocketStream::from_raw_socket(other, near, config).await)
    }

    /// Lets two talk; what `act` gives back lives until it is over.
    async fn pumped<T>(act: impl AsyncFnOnce(Socket, Socket) -> T) -> (Stopped, Vec<String>) {
        let (client, mut near_client) = wire(Role::Client, Role::Server).await;
        let (google, mut near_google) = wire(Role::Server, Role::Client).await;
        let mut pump = Pump {
            client: Side::new(&mut near_client, []),
            google: Side::new(&mut near_google, [Message::text("early")]),
        };
        let mut heard = Vec::new();
        let hear = |message: &Message| heard.push(message.to_text().unwrap().to_owned());
        let (stopped, _kept) = tokio::join!(pump.run(hear), act(client, google));
        (stopped, heard)
    }

    #[tokio::test]
    async fn messages_go_both_ways_as_they_are() {
        let (stopped, heard) = pumped(async |mut client, mut google| {
            client.send(Message::binary(b"two".to_vec())).await.unwrap();
            assert_eq!(google.next().await.unwrap().unwrap(), Message::text("early"));
            assert_eq!(google.next().await.unwrap().unwrap(), Message::binary(b"two".to_vec()));
            google.send(Message::text("hello")).await.unwrap();
            google.send(Message::Ping("x".into())).await.unwrap();
            assert_eq!(client.next().await.unwrap().unwrap(), Message::text("hello"));
            assert_eq!(google.next().await.unwrap().unwrap(), Message::Pong("x".into()));
            let close = CloseFrame { code: CloseCode::Away, reason: "bye".into() };
            google.close(Some(close)).await.unwrap();
        })
        .await;
        let Stopped::Closed(Party::Google, Some(close)) = stopped else { panic!("{stopped:?}") };
        assert_eq!((close.code, close.reason.as_str()), (CloseCode::Away, "bye"));
        assert_eq!(heard, ["hello"]);
    }

    #[tokio::test]
    async fn a_side_that_is_gone_is_noticed() {
        let (stopped, _) = pumped(async |client, google| {
            drop(client);
            google
        })
        .await;
        assert!(matches!(stopped, Stopped::Lost(Party::Client, _)), "{stopped:?}");
        let (stopped, _) = pumped(async |client, google| {
            drop(google);
            client
        })
        .await;
        assert!(matches!(stopped, Stopped::Lost(Party::Google, _)), "{stopped:?}");
    }

    #[tokio::test]
    async fn whoever_reads_slowly_slows_the_other_down() {
        let (_, heard) = pumped(async |mut client, mut google| {
            let told = async {
                for number in 0..100 {
                    let text = format!("{number:4096}");
                    if google.send(Message::text(text)).await.is_err() {
                        break;
                    }
                }
            };
            // It cannot all be on its way while the client does not read.
            let late = tokio::time::timeout(std::time::Duration::from_millis(50), told).await;
            assert!(late.is_err());
            client.close(None).await.unwrap();
        })
        .await;
        assert!(heard.len() < 20, "{} messages were taken", heard.len());
    }
}
