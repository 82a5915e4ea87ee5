// The Worker with gates that say how many sockets they have open.

import { GateObject as Gate } from "../../build/index.js";
export { default, FailuresObject, PoolObject } from "../../build/index.js";

export class GateObject {
  constructor(state, env) {
    this.state = state;
    this.gate = new Gate(state, env);
  }

  fetch(request) {
    if (!request.headers.has("x-count")) return this.gate.fetch(request);
    return Response.json(this.state.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN).length);
  }

  alarm() { return this.gate.alarm(); }
  webSocketMessage(...message) { return this.gate.webSocketMessage(...message); }
  webSocketClose(...close) { return this.gate.webSocketClose(...close); }
  webSocketError(...error) { return this.gate.webSocketError(...error); }
}
