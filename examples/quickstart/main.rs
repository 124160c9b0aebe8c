//! The main job, end to end, on loopback: documented FindFace Security notifications reach
//! receivers by documented filters, in batches, with retries.
//!
//! Run it with `cargo run --features hyper --example quickstart`; add `-- --full` to see every
//! line that the receiver gets. It takes about ten seconds, most of them the waits between the
//! retries that it shows.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

#[path = "../loopback/mod.rs"]
mod loopback;
mod receiver;

use std::{error::Error, time::Duration};

use recohook::{
    Filter, Notifier, Reported, Webhook, WebhookId,
    clock::TokioClock,
    findface::security::{self, AnyNotification, Event},
    policy::Batching,
    transport::HyperTransport,
};

/// The filters that the vendor's page documents, as it words them.
const FILTERS: [(&str, &str, &str); 5] = [
    ("1", "everything", "{}"),
    ("2", "all events", r#"{ "events": {} }"#),
    (
        "3",
        "opening of matched episodes",
        r#"{ "episodes": { "allowed_types": ["episode_open"], "matched": true }}"#,
    ),
    (
        "4",
        "camera group 1 or 3, dossier 12 or 25",
        r#"{ "events": { "camera_group_in": [1, 3], "matched_dossier_in": [12, 25] } }"#,
    ),
    (
        "5",
        "a filter left empty matches nothing",
        r#"{ "events": { "camera_in": [], "matched": true } }"#,
    ),
];

/// The same page's third example, with the commas it is printed with.
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

    // The notifier, the driver that sends, and a journal of what happens.
    let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    let mut reports = notifier.reports();
    let journal = tokio::spawn(async move {
        while let Some(reported) = reports.next().await {
            match reported {
                Reported::Report(report) => println!("journal: {report}"),
                Reported::Lagged(missed) => println!("journal: {missed} lines missed"),
            }
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
        Ok(filter) => println!("unexpectedly read: {filter}"),
        Err(error) => println!("refused, the page's example as printed: {error}"),
    }

    println!("\n== Eight documented notifications, and one that a server makes itself ==\n");
    for (name, body) in documented() {
        for notice in security::parse_delivery(body)? {
            let receipt = notifier.publish(&notice)?;
            println!("published {name}: {} webhooks want it", receipt.matched);
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
    println!("published an event of dossier 25: {} webhooks want it\n", receipt.matched);
    notifier.flush(Duration::from_secs(10)).await;

    println!("\n== A receiver that answers 405 four times, then 200 ==\n");
    let filter = Filter::parse(r#"{ "events": { "matched": true } }"#, &security::FILTERS)?;
    let webhook = Webhook::new(&format!("{receiver}stubborn"), filter)?
        .with_name("matched events, to the stubborn one")
        .with_policy(security::policy());
    // From here on it alone is of interest: all others go.
    for (id, webhook) in notifier.webhooks() {
        println!("webhook {id} ({}): {}", webhook.name(), stats(&notifier, &id));
    }
    println!("{:?}\n", notifier.replace_all([("6".into(), webhook)])?);
    notifier.publish(&AnyNotification::from(event))?;

    // Ends when everything is delivered; what a minute cannot deliver would be counted as dropped.
    let total = notifier.shutdown(Duration::from_secs(60)).await;
    driver.await?;
    journal.await?;

    println!("\n== The statistics ==\n");
    for (id, webhook) in notifier.webhooks() {
        println!("webhook {id} ({}): {}", webhook.name(), stats(&notifier, &id));
    }
    println!("total, those that are gone included: {total}");
    Ok(())
}

fn stats(notifier: &Notifier, id: &WebhookId) -> String {
    notifier.stats(id).map_or_else(String::new, |stats| stats.to_string())
}

/// The bodies that the vendor's page documents.
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
