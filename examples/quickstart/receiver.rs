use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use recohook::{
    bytes::Bytes,
    http::{Request, StatusCode},
};

use crate::loopback::Answer;

/// How many lines of each notification are printed.
const SHOWN_LINES: usize = 8;

/// Returns a receiver that reads JSON, prints it and answers 200. At the path `/stubborn` it first
/// refuses four requests.
pub(crate) fn receiver(full: bool) -> impl Fn(&Request<Bytes>) -> Answer + Clone + Send {
    let refusals = Arc::new(AtomicU32::new(4));
    move |request| {
        let path = request.uri().path();
        let decrement = |left: u32| left.checked_sub(1);
        let refuse = path == "/stubborn"
            && refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, decrement).is_ok();
        if refuse {
            return (StatusCode::METHOD_NOT_ALLOWED, format!("{path} refuses"));
        }
        match serde_json::from_slice(request.body()) {
            Ok(serde_json::Value::Array(batch)) => {
                println!("receiver: POST {path} with a batch of {}", batch.len());
                print(&batch, full);
                (StatusCode::OK, format!("received {}", batch.len()))
            }
            _ => (StatusCode::BAD_REQUEST, "the body is not an array".to_owned()),
        }
    }
}

fn print(batch: &[serde_json::Value], full: bool) {
    for notification in batch {
        let text = format!("{notification:#}");
        let lines = text.lines().count();
        let shown = if full { lines } else { SHOWN_LINES };
        text.lines().take(shown).for_each(|line| println!("receiver:   {line}"));
        if lines > shown {
            println!("receiver:   ... {} more lines; --full shows them", lines - shown);
        }
    }
}
