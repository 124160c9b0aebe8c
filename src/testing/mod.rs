//! For tests of hosts and of transports: a clock that a test moves, a transport that answers
//! by script.
//!
//! ```
//! use recohook::clock::Clock;
//! use recohook::http::{Request, StatusCode};
//! use recohook::testing::{ManualClock, Reply, ScriptedTransport};
//! use recohook::transport::{Context, Transport};
//! use recohook::{DeliveryId, FailureKind, bytes::Bytes};
//! use std::time::Duration;
//!
//! # futures::executor::block_on(async {
//! let clock = ManualClock::new();
//! let transport = ScriptedTransport::new(clock.clone());
//! transport.push(Reply::failure(FailureKind::Connect));
//! transport.push(Reply::status(StatusCode::METHOD_NOT_ALLOWED));
//!
//! let send = |attempt| {
//!     let request = Request::post("http://receiver/hook").body(Bytes::from("[]")).unwrap();
//!     let transport = transport.clone();
//!     async move {
//!         let delivery = DeliveryId::new(1, 1);
//!         let context = Context::new("7", delivery, attempt, Duration::from_secs(30));
//!         transport.send(request, &context).await
//!     }
//! };
//! assert_eq!(send(1).await.unwrap_err().kind(), FailureKind::Connect);
//! clock.advance(Duration::from_millis(270));
//! assert_eq!(send(2).await.unwrap().status(), 405);
//! // The script is at its end: 200 from here on.
//! assert_eq!(send(3).await.unwrap().status(), 200);
//!
//! let requests = transport.requests();
//! assert_eq!(requests.len(), 3);
//! assert_eq!(requests[1].request().body(), "[]");
//! assert_eq!(requests[1].at() - requests[0].at(), Duration::from_millis(270));
//! # });
//! ```

mod manual_clock;
mod reply;
mod scripted_transport;

pub use manual_clock::ManualClock;
pub use reply::{Reply, ReplyBody};
pub use scripted_transport::{RecordedRequest, ScriptedTransport};
