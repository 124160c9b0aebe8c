//! Checks that a registration object is refused, or becomes a webhook and the same object again.

use std::time::SystemTime;

use recohook::{
    Engine, EngineRegistrar, Moment, Profile, Webhook,
    filter::Table,
    findface::{Changes, Registration, lite, multi, security, security_2019},
    openbiometrics,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{assert_one_line, systems::any_filter};

/// Takes the body of a request to one of the REST APIs.
pub(crate) fn check(body: &[u8]) {
    check_readers(body);
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

/// Checks that whatever serde accepts is read as the same object, and that errors are one line.
fn check_readers(body: &[u8]) {
    let (security, lite, open) =
        (security::webhooks(), lite::webhooks(), openbiometrics::webhooks());
    match security.read(body) {
        Ok(object) => {
            if let Ok(typed) = serde_json::from_slice::<Registration>(body) {
                assert_eq!(object, typed);
            }
        }
        Err(error) => assert_one_line(&error.to_string()),
    }
    for error in [
        security.read_changes(body).err(),
        lite.read(body).err(),
        lite.read_changes(body).err(),
        open.read(body).err(),
    ]
    .into_iter()
    .flatten()
    {
        assert_one_line(&error.to_string());
    }
}

/// Checks an object of a system with this filter table and this profile.
fn check_object(body: &[u8], object: &Registration, table: &'static Table, profile: Profile) {
    let webhook = match object.to_webhook(table, profile.clone()) {
        Ok(webhook) => webhook,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    let response = Registration::from_webhook(7, &webhook);
    let again = response.to_webhook(table, profile);
    let again = again.unwrap_or_else(|error| panic!("{response:?} is refused: {error}"));
    assert_eq!(Registration::from_webhook(7, &again), response, "the response has changed");
    assert_eq!(again.filter(), webhook.filter(), "the filter has changed");
    assert_eq!(again.url(), webhook.url(), "the URL has changed");
    assert_eq!(again.profile(), webhook.profile(), "the profile has changed");

    let same = response.apply_to(webhook.clone()).expect("applying a response should succeed");
    assert_eq!(Registration::from_webhook(7, &same), response, "applying a response changes it");
    // An object has all fields that `Changes` has, so applying it as changes has no effect, either.
    if let Ok(changes) = serde_json::from_slice::<Changes>(body) {
        let same = changes.apply_to(webhook.clone()).expect("the object was accepted");
        assert_eq!(Registration::from_webhook(7, &same), response, "the changes have an effect");
    }
}

/// Checks that an object can describe a changed webhook.
fn check_changes(changes: &Changes) {
    let webhook = Webhook::new("http://host/", any_filter())
        .expect("the URL should be valid")
        .with_name("name");
    match changes.apply_to(webhook) {
        Ok(changed) => {
            let response = Registration::from_webhook(1, &changed);
            let same = response.apply_to(changed).expect("applying a response should succeed");
            assert_eq!(Registration::from_webhook(1, &same), response);
        }
        Err(error) => assert_one_line(&error.to_string()),
    }
}

/// Checks that a response of the REST API of FindFace Lite can be sent back, and that it restores
/// the webhook.
fn check_lite(object: &lite::Registration) {
    let mut engine = Engine::new();
    let (mut registrar, webhooks) = (registrar(&mut engine), lite::webhooks());
    let response = match webhooks.create(&mut registrar, object) {
        Ok(response) => response,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    assert_eq!(read_again(&response), response);
    let updated = webhooks.update(&mut registrar, 1, &response);
    assert_eq!(updated.as_ref(), Ok(&response), "an update with a response has an effect");
    webhooks.delete(&mut registrar, 1).expect("the webhook should be registered");
    webhooks.restore(&mut registrar, &response).expect("restoring a response should succeed");
    assert_eq!(webhooks.list(&registrar), [response], "the restored webhook is different");
}

/// Checks the same for OpenBiometrics, whose responses do not contain the secret.
fn check_openbiometrics(object: &openbiometrics::Registration) {
    let mut engine = Engine::new();
    let (mut registrar, webhooks) = (registrar(&mut engine), openbiometrics::webhooks());
    let webhooks = webhooks.with_unknown_types(openbiometrics::UnknownTypes::Keep);
    let response = match webhooks.create(&mut registrar, object) {
        Ok(response) => response,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    assert_eq!(read_again(&response), response);
    webhooks.delete(&mut registrar, &response.id).expect("the webhook should be registered");
    webhooks.restore(&mut registrar, &response, None).expect("restoring a response should succeed");
    assert_eq!(webhooks.list(&registrar), [response], "the restored webhook is different");
}

/// Writes an object and reads it from the written text.
fn read_again<T: Serialize + DeserializeOwned>(object: &T) -> T {
    let text = serde_json::to_string(object).expect("an object should be serialisable");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text} is refused: {error}"))
}

/// Returns the registrar for the REST APIs.
fn registrar(engine: &mut Engine) -> EngineRegistrar<'_> {
    engine.registrar(Moment::ZERO, SystemTime::UNIX_EPOCH)
}
