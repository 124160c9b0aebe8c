use super::{Engine, EngineAccess, EngineCore, Routes};
use crate::{base::Moment, dispatch::Dispatcher, webhook::Webhook};

/// An engine, together with the moment of the current call.
pub(super) struct EngineAt<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) now: Moment,
}

/// Nothing is shared, so the routes are always current and no lock is taken.
impl EngineAccess for EngineAt<'_> {
    fn core(&self) -> &EngineCore {
        &self.engine.core
    }

    fn now(&self) -> Moment {
        self.now
    }

    fn is_closed(&self) -> bool {
        self.engine.dispatcher.is_closed()
    }

    fn routes<R>(&mut self, read: impl FnOnce(Routes<'_>) -> R) -> R {
        read(self.engine.router.routes())
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R {
        let Engine { core, dispatcher, .. } = &mut *self.engine;
        // `last` is `false`, because only a shutdown makes the last change.
        core.change(dispatcher, false, change)
    }
}
