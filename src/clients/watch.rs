//! A socket to the gate of a user: see `queue_core::live`.

use super::call;
use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt;
use queue_core::{
    bindings,
    domain::UserId,
    live::{
        Watch,
        watcher::{ALIVE, ALIVE_HEARD},
    },
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use worker::{Env, Result, WebSocket, web_sys};

/// The header of a call that says what is watched.
pub(crate) const WATCH: &str = "x-watch";

/// An open socket to a gate. It is closed when this is dropped, which a client that leaves does not always bring about.
pub(crate) struct Socket {
    raw: WebSocket,
    heard: UnboundedReceiver<Option<String>>,
    on_message: Closure<dyn FnMut(JsValue)>,
    on_end: Closure<dyn FnMut(JsValue)>,
}

impl Socket {
    /// Opens one. `None` if the job that is watched is already another.
    ///
    /// # Errors
    /// When the gate cannot be reached.
    pub(crate) async fn open(env: &Env, user_id: &UserId, watch: &Watch) -> Result<Option<Self>> {
        let watch = serde_json::to_string(watch)?;
        let socket = call::upgrade(env, bindings::GATES, user_id.as_str(), (WATCH, &watch)).await?;
        socket.map(Self::over).transpose()
    }

    fn over(socket: WebSocket) -> Result<Self> {
        let (tell, heard) = unbounded();
        let ends = tell.clone();
        let on_message = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            let event: web_sys::MessageEvent = event.unchecked_into();
            // Nobody listens any more if this fails.
            let _ = tell.unbounded_send(event.data().as_string());
        });
        let on_end = Closure::<dyn FnMut(JsValue)>::new(move |_: JsValue| {
            let _ = ends.unbounded_send(None);
        });
        let this = Self {
            raw: socket,
            heard,
            on_message,
            on_end,
        };
        let raw: &web_sys::WebSocket = this.raw.as_ref();
        for (name, listener) in this.listeners() {
            raw.add_event_listener_with_callback(name, listener)?;
        }
        this.raw.accept()?;
        Ok(this)
    }

    fn listeners(&self) -> [(&'static str, &js_sys::Function); 3] {
        let (message, end) = (self.on_message.as_ref(), self.on_end.as_ref());
        [("message", message), ("close", end), ("error", end)]
            .map(|(name, listener)| (name, listener.unchecked_ref()))
    }

    /// The next message; `None` once it is closed.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            let text = self.heard.next().await.flatten()?;
            if text != ALIVE_HEARD {
                return Some(text);
            }
        }
    }

    /// Says something.
    ///
    /// # Errors
    /// When it is closed.
    pub(crate) fn say(&self, text: &str) -> Result<()> {
        self.raw.send_with_str(text)
    }

    /// Says that somebody is still there.
    ///
    /// # Errors
    /// When it is closed.
    pub(crate) fn say_alive(&self) -> Result<()> {
        self.say(ALIVE)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let raw: &web_sys::WebSocket = self.raw.as_ref();
        for (name, listener) in self.listeners() {
            let _ = raw.remove_event_listener_with_callback(name, listener);
        }
        let _ = self.raw.close(Some(1000), Some("done"));
    }
}
