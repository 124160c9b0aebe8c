//! Sends the documented notifications of a system to a receiver of yours, and prints each report.
//!
//! Run it with `cargo run --features hyper --example send -- SYSTEM URL SECRET`. The system is
//! `findface-security-2020`, `findface-security-2019`, `openbiometrics` or `faceio`. The FindFace
//! systems sign nothing, and their secret may be left out. The program fails if a notification is
//! not delivered.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

use std::{error::Error, time::Duration};

use recohook::{
    Filter, Notifier, Profile, Webhook,
    clock::TokioClock,
    faceio,
    filter::Table,
    findface::{security, security_2019},
    openbiometrics,
    raw::{self, Format, Reader},
    signature::Secret,
    transport::HyperTransport,
};

/// What a system sends.
struct System {
    /// The documented bodies.
    deliveries: &'static [&'static str],
    format: &'static Format,
    table: &'static Table,
    profile: Profile,
}

macro_rules! bodies {
    ($($path:literal),+) => {
        &[$(include_str!(concat!("../tests/data/", $path))),+]
    };
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(url)) = (arguments.next(), arguments.next()) else {
        return Err("expected a system and the URL of a receiver".into());
    };
    let secret = arguments.next();
    let system = system(&name).ok_or_else(|| format!("there is no system {name:?}"))?;

    let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    let mut reports = notifier.reports();
    let log = tokio::spawn(async move {
        while let Some(reported) = reports.next().await {
            println!("{reported}");
        }
    });

    let webhook =
        Webhook::new(&url, Filter::everything(system.table))?.with_profile(system.profile);
    let webhook = match (name.as_str(), secret) {
        ("openbiometrics", Some(secret)) => {
            webhook.with_signer(openbiometrics::signer(&Secret::new(secret)?))
        }
        ("faceio", Some(secret)) => webhook.with_signer(faceio::signer(&Secret::new(secret)?)?),
        _ => webhook,
    };
    for warning in webhook.lint() {
        println!("warning: {warning}");
    }
    notifier.insert(1, webhook)?;

    // The bodies are JSON text, so no model is needed.
    let mut reader = Reader::new(system.format);
    for delivery in system.deliveries {
        for item in raw::split(delivery.as_bytes())? {
            notifier.publish(&reader.read(item)?)?;
        }
    }
    let stats = notifier.shutdown(Duration::from_secs(10)).await;
    log.await?;
    driver.await?;
    println!("{stats}");
    if stats.delivered < stats.matched || stats.failures > 0 {
        return Err("the receiver refused a notification: the lines above show why".into());
    }
    Ok(())
}

fn system(name: &str) -> Option<System> {
    Some(match name {
        "findface-security-2020" => System {
            deliveries: bodies![
                "findface-security-2020/event.json",
                "findface-security-2020/event.verbose.json",
                "findface-security-2020/episode_opening.json",
                "findface-security-2020/episode_closing.verbose.json",
                "findface-security-2020/counter_record.json"
            ],
            format: &security::RAW,
            table: &security::FILTERS,
            profile: security::profile(),
        },
        "findface-security-2019" => System {
            deliveries: bodies!["findface-security-2019/event.json"],
            format: &security_2019::RAW,
            table: &security_2019::FILTERS,
            profile: security_2019::profile(),
        },
        "openbiometrics" => System {
            deliveries: bodies![
                "openbiometrics/delivery.json",
                "openbiometrics/recent.response.json"
            ],
            format: &openbiometrics::RAW,
            table: &openbiometrics::FILTERS,
            profile: openbiometrics::profile(),
        },
        "faceio" => System {
            deliveries: bodies!["faceio/auth.json", "faceio/enroll.json"],
            format: &faceio::RAW,
            table: &faceio::FILTERS,
            profile: faceio::profile(),
        },
        _ => return None,
    })
}
