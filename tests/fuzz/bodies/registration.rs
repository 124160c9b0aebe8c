//! A registration object becomes a webhook and the same object again, or an error.

use std::time::SystemTime;

use recohook::{
    Engine, EngineRegistrar, Moment, Profile, Webhook,
    filter::Table,
    findface::{Changes, Registration, lite, multi, security, security_2019},
    openbiometrics,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{assert_one_line, systems::any_filter};

/// The input is the body of a request to one of the REST APIs.
pub(crate) fn check(body: &[u8]) {
    if let Ok(object) = serde_json::from_slice::<Registration>(body) {
        assert_eq!(read_again(&object), object);
        check_object(body, &object, &security::FILTERS, security::profile());
        check_object(body, &object, &security_2019::FILTERS, security_2019::profile());
        check_object(body, &object, &multi::FILTERS, multi::profile());
    }
    if let Ok(changes) = serde_json::from_slice::<Changes>(body) {
        check_changes(&changes);
    }
    if let Ok(object) = serde_json::from_slice::<lite::Registration>(body) {
        check_lite(&object);
    }
    if let Ok(object) = serde_json::from_slice::<openbiometrics::Registration>(body) {
        check_openbiometrics(&object);
    }
}

/// An object of a system with these filter keys and this profile.
fn check_object(body: &[u8], object: &Registration, table: &'static Table, profile: Profile) {
    let webhook = match object.to_webhook(table, profile.clone()) {
        Ok(webhook) => webhook,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    let answer = Registration::from_webhook(7, &webhook);
    let again = answer.to_webhook(table, profile);
    let again = again.unwrap_or_else(|error| panic!("{answer:?} is refused: {error}"));
    assert_eq!(Registration::from_webhook(7, &again), answer, "the answer is no fixed point");
    assert_eq!(again.filter(), webhook.filter(), "the filter is lost");
    assert_eq!(again.url(), webhook.url(), "the URL is lost");
    assert_eq!(again.profile(), webhook.profile(), "the profile is lost");

    let same = answer.apply_to(webhook.clone()).expect("an answer can be applied");
    assert_eq!(Registration::from_webhook(7, &same), answer, "applying an answer changes it");
    // An object names all that changes can name, so as changes it changes nothing, either.
    if let Ok(changes) = serde_json::from_slice::<Changes>(body) {
        let same = changes.apply_to(webhook.clone()).expect("the object was accepted");
        assert_eq!(Registration::from_webhook(7, &same), answer, "the changes change something");
    }
}

/// Whatever changes do to a webhook, an object can describe it.
fn check_changes(changes: &Changes) {
    let webhook = Webhook::new("http://host/", any_filter()).expect("a URL").with_name("name");
    match changes.apply_to(webhook) {
        Ok(changed) => {
            let answer = Registration::from_webhook(1, &changed);
            let same = answer.apply_to(changed).expect("an answer can be applied");
            assert_eq!(Registration::from_webhook(1, &same), answer);
        }
        Err(error) => assert_one_line(&error.to_string()),
    }
}

/// An answer of the REST API of FindFace Lite can be sent back, and restores the webhook.
fn check_lite(object: &lite::Registration) {
    let mut engine = Engine::new();
    let (mut registrar, webhooks) = (registrar(&mut engine), lite::webhooks());
    let answer = match webhooks.create(&mut registrar, object) {
        Ok(answer) => answer,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    assert_eq!(read_again(&answer), answer);
    let updated = webhooks.update(&mut registrar, 1, &answer);
    assert_eq!(updated.as_ref(), Ok(&answer), "an update changes something");
    webhooks.delete(&mut registrar, 1).expect("it is registered");
    webhooks.restore(&mut registrar, &answer).expect("an answer can be restored");
    assert_eq!(webhooks.list(&registrar), [answer], "another webhook is restored");
}

/// The same of OpenBiometrics, whose answers do not hold the secret.
fn check_openbiometrics(object: &openbiometrics::Registration) {
    let mut engine = Engine::new();
    let (mut registrar, webhooks) = (registrar(&mut engine), openbiometrics::Webhooks::new());
    let answer = match webhooks.create(&mut registrar, object) {
        Ok(answer) => answer,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    assert_eq!(read_again(&answer), answer);
    webhooks.delete(&mut registrar, &answer.id).expect("it is registered");
    webhooks.restore(&mut registrar, &answer, None).expect("an answer can be restored");
    assert_eq!(webhooks.list(&registrar), [answer], "another webhook is restored");
}

/// An object read from the text that it is written as.
fn read_again<T: Serialize + DeserializeOwned>(object: &T) -> T {
    let text = serde_json::to_string(object).expect("an object can be written");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text} is not read again: {error}"))
}

/// Where the REST APIs register.
fn registrar(engine: &mut Engine) -> EngineRegistrar<'_> {
    engine.registrar(Moment::ZERO, SystemTime::UNIX_EPOCH)
}
