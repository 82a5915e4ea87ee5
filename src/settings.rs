//! Reads the configuration from the Worker's environment, once per isolate.

use js_sys::{JSON, Reflect};
use queue_core::config::{Config, ConfigError, access::Access};
use std::{cell::OnceCell, rc::Rc};
use wasm_bindgen::JsValue;
use worker::Env;

thread_local! {
    static CONFIG: OnceCell<Result<Rc<Config>, ConfigError>> = const { OnceCell::new() };
    static ACCESS: OnceCell<Result<Rc<Access>, ConfigError>> = const { OnceCell::new() };
}

/// The configuration, or everything that is wrong with it.
pub(crate) fn load(env: &Env) -> Result<Rc<Config>, ConfigError> {
    CONFIG.with(|config| {
        config
            .get_or_init(|| Config::from_vars(&|name| variable(env, name)).map(Rc::new))
            .clone()
    })
}

/// Who may ask, or everything that is wrong with those settings.
pub(crate) fn access(env: &Env) -> Result<Rc<Access>, ConfigError> {
    ACCESS.with(|access| {
        access
            .get_or_init(|| Access::from_vars(&|name| variable(env, name)).map(Rc::new))
            .clone()
    })
}

/// A variable as text; one that `wrangler.toml` writes as a table, or a number, as its JSON text.
fn variable(env: &Env, name: &str) -> Option<String> {
    let value = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    if value.is_undefined() || value.is_null() {
        return None;
    }
    value.as_string().or_else(|| {
        JSON::stringify(&value)
            .ok()
            .and_then(|text| text.as_string())
    })
}
