//! The crate `cel`, an interpreter of the Common Expression Language. Programs are parsed once and
//! evaluated one after the other.
//!
//! Variables come from a resolver that lends them, which is faster than a map of variables.
//! Programs are evaluated without the conversion of the result that `Program::execute` adds.
//! Expressions use `==` for each id instead of `in`, which builds its list in each evaluation. They
//! use `== false` instead of `!`, which first creates the error that it might return, and -1 instead
//! of null, which would need another test.

use std::sync::{Arc, LazyLock};

use cel::{
    Context, Env, Program, Value as CelValue,
    common::{
        types::{CelBool, CelInt, CelList},
        value::{CowVal, Val},
    },
    context::VariableResolver,
};
use serde_json::Value;

use super::{Condition, Engine, conditions, joined, millionths};
use crate::workload::Event;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

pub(crate) struct Cel(Vec<Program>);

impl Engine for Cel {
    const NAME: &'static str = "cel";

    type Event = Context<'static, 'static>;

    fn new(filters: &[Value]) -> Self {
        let compiled = |filter: &Value| {
            let text = joined(conditions(filter), condition, " && ");
            ENV.compile(&text).expect("the expression is valid")
        };
        Self(filters.iter().map(compiled).collect())
    }

    fn event(&self, event: &Event) -> Context<'static, 'static> {
        let mut context = Context::with_env(Arc::clone(&ENV));
        // A context borrows its variables. A bench has few events, so they may stay until it ends.
        context.set_variable_resolver(Box::leak(Box::new(Variables::new(event))));
        context
    }

    fn matches_into(&self, event: &Context<'static, 'static>, wanted: &mut Vec<u32>) {
        let matches = |program: &Program| {
            let value = CelValue::resolve_val(program.expression(), event)
                .expect("the evaluation does not fail");
            *value.downcast_ref::<CelBool>().expect("the result is a boolean").inner()
        };
        let matching = (0..).zip(&self.0).filter(|(_, program)| matches(program));
        wanted.extend(matching.map(|(id, _)| id));
    }
}

struct Variables {
    matched: CelBool,
    overall: CelBool,
    confidence: CelInt,
    camera_group: CelInt,
    camera: CelInt,
    dossier: CelInt,
    lists: CelList<'static>,
}

impl Variables {
    fn new(event: &Event) -> Self {
        let truth = |value: Option<bool>| {
            value.expect("every event of the workload has this attribute").into()
        };
        let number = |id: Option<i64>| id.unwrap_or(-1).into();
        let boxed = |id: &i64| Box::new(CelInt::from(*id)) as Box<dyn Val>;
        Self {
            matched: truth(event.matched),
            overall: truth(event.overall),
            confidence: i64::from(millionths(event.confidence)).into(),
            camera_group: number(event.camera_group),
            camera: number(event.camera),
            dossier: number(event.dossier),
            lists: Vec::from_iter(event.lists.iter().map(boxed)).into(),
        }
    }
}

impl VariableResolver for Variables {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let value: &dyn Val = match name {
            "matched" => &self.matched,
            "overall" => &self.overall,
            "confidence" => &self.confidence,
            "camera_group" => &self.camera_group,
            "camera" => &self.camera,
            "dossier" => &self.dossier,
            "lists" => &self.lists,
            _ => return None,
        };
        Some(CowVal::Borrowed(value))
    }
}

fn condition(condition: Condition) -> String {
    match condition {
        Condition::Is(variable, true) => variable.to_owned(),
        Condition::Is(variable, false) => format!("{variable} == false"),
        Condition::Confidence(least) => format!("confidence >= {least}"),
        Condition::OneOf(variable, ids) => {
            format!("({})", joined(ids, |id| format!("{variable} == {id}"), " || "))
        }
        Condition::ListsOneOf(ids) => {
            format!("({})", joined(ids, |id| format!("{id} in lists"), " || "))
        }
    }
}
