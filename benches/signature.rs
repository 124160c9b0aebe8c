//! The cost of a signature, compared with the bare hash whose key is prepared. Also the cost of a
//! whole request, framed and with its headers, signed and unsigned.

mod hooks;

use std::{
    hint::black_box,
    time::{Instant, SystemTime},
};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use recohook::{
    Engine, Moment,
    http::{HeaderMap, StatusCode},
    signature::{Message, Signer},
};
use sha2::Sha256;

criterion_group!(benches, sign, request);
criterion_main!(benches);

fn sign(criterion: &mut Criterion) {
    let keyed = Hmac::<Sha256>::new_from_slice(hooks::SECRET.as_bytes()).expect("the key is valid");
    let signer = hooks::signer();
    let mut group = criterion.benchmark_group("sign");
    for bytes in [1024, 10 * 1024] {
        let body = vec![b'7'; bytes];
        let message = Message::new(&body, "0123456789abcdef-1", SystemTime::UNIX_EPOCH);
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("bare hash", bytes), |bencher| {
            bencher.iter(|| keyed.clone().chain_update(black_box(&body)).finalize().into_bytes());
        });
        group.bench_function(BenchmarkId::new("a header", bytes), |bencher| {
            bencher.iter(|| {
                let mut headers = HeaderMap::new();
                signer
                    .sign(black_box(&message), &mut headers)
                    .expect("the signer signs every message");
                headers
            });
        });
    }
    group.finish();
}

/// Measures the time of one delivery in an [`Engine`]: its batch is cut, its request is made, and
/// it is settled.
fn request(criterion: &mut Criterion) {
    let (event, now, wall) = (hooks::event(7), Moment::ZERO, SystemTime::UNIX_EPOCH);
    let mut group = criterion.benchmark_group("request");
    for items in [1, 100] {
        let webhook = hooks::webhook("http://127.0.0.1:9/hook", items);
        let signed = webhook.clone().with_signer(hooks::signer());
        for (name, webhook) in [("unsigned", webhook), ("signed", signed)] {
            let mut engine = Engine::new();
            engine.insert("one", webhook, now).expect("the webhook is valid");
            group.throughput(Throughput::Elements(items as u64));
            group.bench_function(BenchmarkId::new(name, items), |bencher| {
                bencher.iter_custom(|deliveries| {
                    hooks::in_runs(deliveries, 5_000 / items, |many| {
                        for _ in 0..many * items as u64 {
                            engine.publish(&event, now).expect("the queue has room");
                        }
                        let start = Instant::now();
                        for _ in 0..many {
                            let request = engine.poll_request(now, wall);
                            let request = black_box(request).expect("a batch is queued");
                            let (id, headers) = (request.attempt_id(), HeaderMap::new());
                            engine.handle_response(id, StatusCode::OK, &headers, now, wall);
                        }
                        start.elapsed()
                    })
                });
            });
        }
    }
    group.finish();
}
