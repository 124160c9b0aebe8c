//! Delivers FindFace Security notifications to a receiver on loopback: with filters, in batches,
//! and with retries. The notifications and the filters are those that the vendor documents.
//!
//! Run it with `cargo run --features hyper --example quickstart`. It takes about ten seconds,
//! because it waits between retries.
//!
//! It prints the registered webhooks and their filters, how many webhooks match each notification,
//! what the receiver gets, a line for each attempt, and the statistics. It prints the first lines
//! of each notification: add `-- --full` to see all of them.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

#[path = "../loopback/mod.rs"]
mod loopback;
mod receiver;

use std::{error::Error, time::Duration};

use recohook::{
    Filter, Notifier, Webhook, WebhookId,
    clock::TokioClock,
    findface::security::{self, AnyNotification, Event},
    policy::Batching,
    transport::HyperTransport,
};

/// The filters that the vendor documents, word for word: id, title, filter.
const FILTERS: [(&str, &str, &str); 5] = [
    ("1", "everything", "{}"),
    ("2", "all events", r#"{ "events": {} }"#),
    (
        "3",
        "openings of matched episodes",
        r#"{ "episodes": { "allowed_types": ["episode_open"], "matched": true }}"#,
    ),
    (
        "4",
        "camera group 1 or 3, dossier 12 or 25",
        r#"{ "events": { "camera_group_in": [1, 3], "matched_dossier_in": [12, 25] } }"#,
    ),
    (
        "5",
        "an empty list, which matches nothing",
        r#"{ "events": { "camera_in": [], "matched": true } }"#,
    ),
];

/// Another documented filter, with its trailing commas. They are not valid JSON.
const TRAILING_COMMAS: &str = r#"{
    "events": {
            "camera_group_in": [1, 3],
            "matched_dossier_in": [12, 25],
    },
}"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let full = std::env::args().any(|argument| argument == "--full");
    let receiver = loopback::receiver("127.0.0.1:0", receiver::receiver(full))?;
    println!("receiver: listening on {receiver}");

    // The notifier, a driver that sends, and a journal that prints what happens.
    let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    let mut reports = notifier.reports();
    let journal = tokio::spawn(async move {
        while let Some(reported) = reports.next().await {
            println!("journal: {reported}");
        }
    });

    println!("\n== Webhooks ==\n");
    for (id, title, filter) in FILTERS {
        let filter = Filter::parse(filter, &security::FILTERS)?;
        println!("webhook {id}: {title}: {filter}");
        let policy = security::policy().with_batch(Batching::at_most(10)?);
        let webhook = Webhook::new(&format!("{receiver}hook/{id}"), filter)?
            .with_name(title)
            .with_policy(policy);
        notifier.insert(id, webhook)?;
    }
    match Filter::parse(TRAILING_COMMAS, &security::FILTERS) {
        Ok(filter) => println!("accepted, although it has trailing commas: {filter}"),
        Err(error) => println!("refused, because it has trailing commas: {error}"),
    }

    println!("\n== Eight documented notifications, and one that the program builds ==\n");
    for (name, body) in documented() {
        for notification in security::parse_delivery(body)? {
            let receipt = notifier.publish(&notification)?;
            println!("published {name}, matching webhooks: {}", receipt.matched);
        }
    }
    let event = Event::new("4285000000000000001")
        .camera(3)
        .camera_group(3)
        .matched(true)
        .matched_dossier(25)
        .matched_lists([4])
        .confidence(0.93);
    let receipt = notifier.publish(&event)?;
    println!("published an event of dossier 25, matching webhooks: {}\n", receipt.matched);
    notifier.flush(Duration::from_secs(10)).await;

    println!("\n== A receiver that answers 405 four times, then 200 ==\n");
    let filter = Filter::parse(r#"{ "events": { "matched": true } }"#, &security::FILTERS)?;
    let webhook = Webhook::new(&format!("{receiver}stubborn"), filter)?
        .with_name("matched events, to a stubborn receiver")
        .with_policy(security::policy());
    // From here on, this is the only webhook. `replace_all` removes the others.
    for (id, webhook) in notifier.webhooks() {
        println!("webhook {id} ({}): {}", webhook.name(), stats(&notifier, &id));
    }
    let replaced = notifier.replace_all([("6".into(), webhook)])?;
    println!("replaced all: {} inserted, {} removed\n", replaced.inserted, replaced.removed);
    notifier.publish(&AnyNotification::from(event))?;

    // Returns when everything is delivered. After a minute, it would drop the rest and count it as
    // dropped.
    let total = notifier.shutdown(Duration::from_secs(60)).await;
    driver.await?;
    journal.await?;

    println!("\n== Statistics ==\n");
    for (id, webhook) in notifier.webhooks() {
        println!("webhook {id} ({}): {}", webhook.name(), stats(&notifier, &id));
    }
    println!("total, with the removed webhooks: {total}");
    Ok(())
}

fn stats(notifier: &Notifier, id: &WebhookId) -> String {
    notifier.stats(id).map_or_else(String::new, |stats| stats.to_string())
}

/// The bodies that the vendor documents.
fn documented() -> [(&'static str, &'static [u8]); 8] {
    macro_rules! body {
        ($name:literal) => {
            ($name, include_bytes!(concat!("../../tests/data/findface-security-2020/", $name)))
        };
    }
    [
        body!("event.json"),
        body!("episode_opening.json"),
        body!("episode_closing.json"),
        body!("counter_record.json"),
        body!("event.verbose.json"),
        body!("episode_opening.verbose.json"),
        body!("episode_closing.verbose.json"),
        body!("counter_record.verbose.json"),
    ]
}
