/** One connection to a gateway: handshake, requests, events, and coming back after it broke. Protocol v4. */

import { uuid } from "./dom.js";

const SCOPES = ["admin", "read", "write", "approvals", "questions", "pairing"].map((scope) => `operator.${scope}`);
const HANDSHAKE_MS = 15_000;
const REQUEST_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

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
 * Dispatches `state` ({error?, retryAt?}), `gap` (events were missed), and each gateway event under its own name.
 * States: connecting, connected, waiting (dials again at `retryAt`), refused (needs a person).
 */
export class Gateway extends EventTarget {
  state = "refused";
  hello = null;
  #secret = null;
  #socket = null;
  #pending = new Map();
  #requests = 0;
  #attempts = 0;
  #seq = 0;
  #heardAt = 0;
  #timer = 0;
  #watchdog = 0;
  #instance = uuid();

  constructor() {
    super();
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.hidden || this.retry());
  }

  /** Connects to `url` with `secret` (token or password, null for none), leaving any other connection. */
  open(url, secret) {
    this.#hangUp();
    if (url !== this.url) this.hello = null;
    this.url = url;
    this.#secret = secret;
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
    socket.onclose = () => socket === this.#socket && this.#wait();
  }

  #receive({ type, id, ok, payload, error, event, seq }) {
    this.#heardAt = Date.now();
    if (type === "res") return this.#settle(id, ok ? null : new GatewayError(error ?? {}), payload);
    if (event === "connect.challenge") return this.#introduce();
    const missed = seq && this.#seq && seq > this.#seq + 1;
    this.#seq = seq ?? this.#seq;
    this.#tell(event, payload ?? {});
    if (missed) this.#tell("gap");
  }

  async #introduce() {
    const socket = this.#socket;
    const { dataset } = document.documentElement;
    try {
      this.hello = await this.request("connect", {
        minProtocol: 4,
        maxProtocol: 4,
        client: {
          id: "openclaw-control-ui",
          version: dataset.gatewayVersion || "dev",
          platform: navigator.platform || "web",
          mode: "webchat",
          instanceId: this.#instance,
        },
        role: "operator",
        scopes: SCOPES,
        caps: ["tool-events"],
        auth: this.#secret ? { token: this.#secret, password: this.#secret } : {},
        locale: navigator.language,
        userAgent: navigator.userAgent,
      });
      this.#welcome();
    } catch (error) {
      if (socket === this.#socket) this.#refuse(error);
    }
  }

  #welcome() {
    clearTimeout(this.#timer);
    this.#attempts = 0;
    const silence = 2 * (this.hello.policy?.tickIntervalMs ?? 30_000);
    this.#watchdog = setInterval(() => Date.now() - this.#heardAt > silence && this.#wait(), silence / 8);
    this.#become("connected");
  }

  /** A refusal is final unless the gateway calls it passing; a lockout is left to the person, not to a loop. */
  #refuse(error) {
    if (error.retryable && error.details.code !== "AUTH_RATE_LIMITED") return this.#wait(error);
    this.#hangUp();
    return this.#become("refused", { error });
  }

  #wait(error) {
    this.#hangUp();
    const backoff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts++);
    const delay = Math.max(backoff, error?.retryAfterMs ?? 0);
    this.#timer = setTimeout(() => this.#dial(), delay);
    this.#become("waiting", { error, retryAt: Date.now() + delay });
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
