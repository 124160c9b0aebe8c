use super::{Engine, EngineAccess, EngineCore, Routes};
use crate::{base::Moment, dispatch::Dispatcher, webhook::Webhook};

/// An engine at one moment.
pub(super) struct EngineAt<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) now: Moment,
}

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
        core.change(dispatcher, false, change)
    }
}
