/** One connection to a gateway: handshake, requests, events, and coming back after it broke. Protocol v4. */

import { uuid } from "./dom.js";

const HANDSHAKE_MS = 15_000;
const REQUEST_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
const PAIRING_RETRY_MS = 3_000;
const LOCKOUT_MS = 300_000;
const ANOTHER = "Another gateway answers at this address now and does not know this page. Reload to ask for that one.";
const PASSING = ["PAIRING_REQUIRED", "AUTH_RATE_LIMITED"]; // refusals that end without a change of credentials

/** What the gateway answered instead of a result; also DISCONNECTED, TIMEOUT and BAD_ADDRESS of our own. */
export class GatewayError extends Error {
  constructor({ code, message = code, details = {}, ...rest }) {
    super(message);
    Object.assign(this, { code, details, ...rest });
  }

  /** What happened and, when the gateway said so, how to mend it. */
  get text() {
    const { hint } = this.details;
    return hint ? `${this.message} (${hint})` : this.message;
  }
}

/**
 * Dispatches `state` ({error?, retryAt?, closed?: {code, reason}}), `gap` (events were missed), and each gateway event
 * under its own name.
 * States: connecting, connected, waiting (dials again at `retryAt`), refused (needs a person).
 */
export class Gateway extends EventTarget {
  state = "refused";
  hello = null;
  #login = null;
  #socket = null;
  #pending = new Map();
  #requests = 0;
  #attempts = 0;
  #seq = 0;
  #heardAt = 0;
  #backInMs = 0;
  #timer = 0;
  #watchdog = 0;
  #instance = uuid();
  #known = null; // which gateway let this page in, by its own id
  #answering = "";

  constructor() {
    super();
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.hidden || this.retry());
  }

  /** Connects to `url` by a Login, leaving any other connection. */
  open(url, login) {
    this.#hangUp();
    if (url !== this.url) this.hello = null;
    this.url = url;
    this.#known = null;
    this.#login = login;
    this.#attempts = 0;
    this.#dial();
  }

  /** Dials at once when waiting for the next attempt. */
  retry() {
    if (this.state === "waiting") this.#dial();
  }

  /** The method's payload; rejects with GatewayError. */
  request(method, params = {}) {
    const id = `${++this.#requests}:${uuid()}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(id, "TIMEOUT", `the gateway did not answer ${method} in time`), REQUEST_MS);
      this.#pending.set(id, { resolve, reject, timer });
      if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: "req", id, method, params }));
      else this.#fail(id, "DISCONNECTED", "not connected to the gateway");
    });
  }

  #dial() {
    clearTimeout(this.#timer);
    this.#become("connecting");
    try {
      this.#socket = new WebSocket(this.url);
    } catch {
      const message = `this page cannot connect to ${this.url}`;
      return this.#become("refused", { error: new GatewayError({ code: "BAD_ADDRESS", message }) });
    }
    const socket = this.#socket;
    this.#seq = 0;
    this.#timer = setTimeout(() => this.#wait(), HANDSHAKE_MS);
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => socket === this.#socket && this.#wait({ closed: { code, reason } });
  }

  #receive({ type, id, ok, payload, error, event, seq }) {
    this.#heardAt = Date.now();
    if (type === "res") return this.#settle(id, ok ? null : new GatewayError(error ?? {}), payload);
    if (event === "connect.challenge") return this.#introduce(payload);
    if (event === "shutdown") this.#backInMs = payload.restartExpectedMs ?? 0;
    const missed = seq && this.#seq && seq > this.#seq + 1;
    this.#seq = seq ?? this.#seq;
    this.#tell(event, payload ?? {});
    if (missed) this.#tell("gap");
  }

  async #introduce(challenge) {
    const socket = this.#socket;
    const login = this.#login;
    this.#answering = challenge.instanceId ?? "";
    const client = {
      id: "openclaw-control-ui",
      version: document.documentElement.dataset.gatewayVersion || "dev",
      platform: navigator.platform || "web",
      mode: "webchat",
      instanceId: this.#instance,
    };
    try {
      const shown = await login.present(challenge, client);
      if (socket !== this.#socket) return;
      const { language: locale, userAgent } = navigator;
      const params = { minProtocol: 4, maxProtocol: 4, client, caps: ["tool-events"], locale, userAgent, ...shown };
      this.hello = await this.request("connect", params);
      login.accepted(this.hello);
      this.#welcome();
    } catch (error) {
      if (socket === this.#socket) this.#refuse(error);
    }
  }

  #welcome() {
    clearTimeout(this.#timer);
    this.#attempts = 0;
    this.#known = this.#answering;
    const silence = 2 * (this.hello.policy?.tickIntervalMs ?? 30_000);
    this.#watchdog = setInterval(() => Date.now() - this.#heardAt > silence && this.#wait(), silence / 8);
    this.#become("connected");
  }

  /**
   * A refusal is final unless the page has something else to show, or the gateway calls it passing. One of another
   * gateway that took this one's port says nothing about what the page knows: that is kept until its own is back.
   */
  async #refuse(error) {
    const login = this.#login;
    const isAnother = this.#known !== null && this.#answering !== this.#known;
    this.#hangUp();
    const again = !isAnother && (await login.learn(error));
    if (login !== this.#login || this.#socket) return; // somebody opened another connection meanwhile
    if (again) this.#dial();
    else if (isPassing(error)) this.#wait({ error });
    else if (isAnother) this.#wait({ error: new GatewayError({ code: "ANOTHER_GATEWAY", message: ANOTHER }) });
    else this.#become("refused", { error });
  }

  #wait(why = {}) {
    this.#hangUp();
    const delay = this.#patience(why.error);
    this.#timer = setTimeout(() => this.#dial(), delay);
    this.#become("waiting", { ...why, retryAt: Date.now() + delay });
  }

  /** How long to wait before the next attempt: as the gateway said, else longer each time. */
  #patience({ details, retryAfterMs = 0 } = {}) {
    const backoff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts++);
    const expected = Math.min(this.#backInMs, LAST_RETRY_MS);
    this.#backInMs = 0;
    if (details?.code === "PAIRING_REQUIRED") return Math.max(retryAfterMs, PAIRING_RETRY_MS);
    if (details?.code === "AUTH_RATE_LIMITED") return retryAfterMs || LOCKOUT_MS;
    return Math.max(backoff, retryAfterMs, expected);
  }

  #hangUp() {
    clearTimeout(this.#timer);
    clearInterval(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const id of [...this.#pending.keys()]) this.#fail(id, "DISCONNECTED", "the connection to the gateway was lost");
  }

  #fail(id, code, message) {
    this.#settle(id, new GatewayError({ code, message }));
  }

  #settle(id, error, payload) {
    const waiting = this.#pending.get(id);
    if (!waiting) return;
    this.#pending.delete(id);
    clearTimeout(waiting.timer);
    if (error) waiting.reject(error);
    else waiting.resolve(payload);
  }

  #become(state, why = {}) {
    this.state = state;
    this.#tell("state", why);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function isPassing({ retryable, details }) {
  return (retryable || PASSING.includes(details.code)) && !details.pauseReconnect;
}
