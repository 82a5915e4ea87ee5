//! The hibernating sockets of an object. The crate's own bindings panic where the platform throws, and a panic stalls the
//! whole isolate; here a throw is an error, and what cannot be read is skipped.

use js_sys::{Array, Date};
use queue_core::{
    domain::Timestamp,
    live::{
        Watch, Watcher, excess,
        watcher::{ALIVE, ALIVE_HEARD},
    },
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use worker::{
    Response, Result, State, WebSocket, WebSocketPair, WebSocketRequestResponsePair, web_sys,
};

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    type Host;

    #[wasm_bindgen(method, structural, catch, js_name = acceptWebSocket)]
    fn accept(this: &Host, socket: &web_sys::WebSocket) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = getWebSockets)]
    fn sockets(this: &Host) -> Result<Array, JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = setWebSocketAutoResponse)]
    fn answer_by_itself(this: &Host, pair: &WebSocketRequestResponsePair) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = getWebSocketAutoResponseTimestamp)]
    fn answered_at(this: &Host, socket: &web_sys::WebSocket) -> Result<JsValue, JsValue>;
}

/// The sockets of one object.
pub(super) struct Sockets {
    host: Host,
}

/// An open socket, and whose it is.
pub(super) struct Open {
    pub(super) socket: WebSocket,
    pub(super) watcher: Watcher,
    /// When it gave the latest sign of life.
    pub(super) alive_at: Option<Timestamp>,
}

impl Sockets {
    /// Those of the object with that state, which is given back.
    pub(super) fn of(state: State) -> (Self, State) {
        let state = state._inner();
        let raw: &JsValue = state.as_ref();
        let host = raw.clone().unchecked_into();
        (Self { host }, State::from(state))
    }

    /// Whether there is any.
    pub(super) fn is_watched(&self) -> bool {
        self.host
            .sockets()
            .is_ok_and(|sockets| sockets.length() > 0)
    }

    /// Those that are open.
    pub(super) fn open(&self) -> Vec<Open> {
        let sockets = self.host.sockets().unwrap_or_default().to_vec();
        let sockets = sockets.into_iter().map(JsCast::unchecked_into);
        sockets.filter_map(|socket| self.read(socket)).collect()
    }

    fn read(&self, socket: web_sys::WebSocket) -> Option<Open> {
        if socket.ready_state() != web_sys::WebSocket::OPEN {
            return None;
        }
        let alive_at = self.host.answered_at(&socket).ok();
        let alive_at = alive_at.and_then(|at| at.dyn_into::<Date>().ok());
        let socket = WebSocket::from(socket);
        let watcher = socket.deserialize_attachment::<String>().ok().flatten()?;
        Some(Open {
            watcher: serde_json::from_str(&watcher).ok()?,
            alive_at: alive_at.map(|at| moment(&at)),
            socket,
        })
    }

    /// Opens one for that watcher: the answer to its request. Those of nobody are closed, and the oldest of too many.
    pub(super) fn admit(&self, now: Timestamp, watch: &Watch) -> Result<Response> {
        let open = self.open();
        let watchers: Vec<_> = open
            .iter()
            .map(|open| (open.watcher.clone(), open.alive_at))
            .collect();
        for index in excess(now, &watchers) {
            close(&open[index].socket);
        }
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.host
            .answer_by_itself(&WebSocketRequestResponsePair::new(ALIVE, ALIVE_HEARD)?)?;
        self.host.accept(server.as_ref())?;
        let watcher = serde_json::to_string(&Watcher::new(watch, now))?;
        server.serialize_attachment(watcher)?;
        Response::from_websocket(client)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds are whole")]
fn moment(at: &Date) -> Timestamp {
    Timestamp::from_millis(at.get_time() as i64)
}

/// Closes a socket, if it is not closed yet.
pub(super) fn close(socket: &WebSocket) {
    let _ = socket.close(Some(1000), Some("over"));
}
