//! Bodies of answers: whole, streamed, or breaking off.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Sleep, sleep};

use crate::api::{ApiReply, ReplyContent};

const PAUSE: Duration = Duration::from_millis(20);

/// The connection is cut on purpose.
#[derive(Debug, thiserror::Error)]
#[error("connection cut by a planned fault")]
pub struct ConnectionCut;

/// A body on its way out.
#[derive(Debug)]
pub enum OutgoingBody {
    /// Known in full.
    Whole(VecDeque<Bytes>),
    /// Pieces as they come.
    Stream(Receiver<Bytes>),
    /// Promises `length` bytes and breaks off after the first piece.
    Broken {
        /// The piece that is sent.
        piece: Option<Bytes>,
        /// The promise.
        length: u64,
        /// Time for the piece to leave before the connection breaks.
        pause: Pin<Box<Sleep>>,
    },
}

impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = ConnectionCut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ConnectionCut>>> {
        match &mut *self {
            Self::Whole(pieces) => {
                Poll::Ready(pieces.pop_front().map(|piece| Ok(Frame::data(piece))))
            }
            Self::Stream(receiver) => receiver
                .poll_recv(context)
                .map(|piece| piece.map(|piece| Ok(Frame::data(piece)))),
            Self::Broken { piece, pause, .. } => match piece.take() {
                Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
                None => pause
                    .as_mut()
                    .poll(context)
                    .map(|()| Some(Err(ConnectionCut))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(pieces) if pieces.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(pieces) => {
                SizeHint::with_exact(pieces.iter().map(|piece| piece.len() as u64).sum())
            }
            Self::Broken { length, .. } => SizeHint::with_exact(*length),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

/// The answer as hyper sends it; `broken`: only half of its body.
pub fn to_http(reply: ApiReply, broken: bool) -> http::Response<OutgoingBody> {
    let body = match reply.content {
        ReplyContent::Stream(receiver) => OutgoingBody::Stream(receiver),
        ReplyContent::Whole(bytes) if broken => OutgoingBody::Broken {
            piece: Some(bytes.slice(..bytes.len() / 2)),
            length: bytes.len() as u64,
            pause: Box::pin(sleep(PAUSE)),
        },
        ReplyContent::Whole(bytes) => OutgoingBody::Whole(
            [bytes]
                .into_iter()
                .filter(|bytes| !bytes.is_empty())
                .collect(),
        ),
    };
    let mut response = http::Response::new(body);
    *response.status_mut() =
        http::StatusCode::from_u16(reply.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        // Planned faults name headers freely; what is no header is left out.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
