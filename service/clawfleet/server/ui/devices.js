/** `<claw-devices>`: devices that ask to be let in, each with a button to approve and one to reject it. */

import { h } from "./dom.js";
import { ago } from "./format.js";

const NEWS = ["gap", "device.pair.requested", "device.pair.resolved", "device.pair.changed"];

class ClawDevices extends HTMLElement {
  #gateway;

  /** Shows what waits at `gateway` from now on, as long as it offers that to this page. */
  follow(gateway) {
    this.#gateway = gateway;
    for (const news of NEWS) gateway.addEventListener(news, () => this.#load());
    gateway.addEventListener("state", () => gateway.state === "connected" && this.#load());
  }

  async #load() {
    const { features, auth } = this.#gateway.hello;
    const offered = features?.methods?.includes("device.pair.list");
    const allowed = ["operator.pairing", "operator.admin"].some((scope) => auth?.scopes?.includes(scope));
    const { pending = [] } = offered && allowed ? await this.#ask("device.pair.list", {}) : {};
    this.hidden = !pending.length;
    this.querySelector("ul").replaceChildren(...pending.map((request) => this.#row(request)));
  }

  #row(request) {
    const { requestId, deviceId, displayName, clientId, platform, remoteIp, role, scopes = [], ts } = request;
    const name = displayName || [clientId, platform].filter(Boolean).join(" on ") || deviceId;
    const from = [remoteIp, role, ts && ago(ts)].filter(Boolean).join(" · ");
    return h("li", { title: [`Request ${requestId}`, ...scopes].join("\n") },
      h("b", {}, name),
      h("span.from", {}, from),
      this.#button("Approve", name, requestId),
      this.#button("Reject", name, requestId),
    );
  }

  #button(verb, name, requestId) {
    const word = verb.toLowerCase();
    const onclick = async ({ currentTarget }) => {
      currentTarget.disabled = true; // the list that is read after the decision makes new ones
      await this.#ask(`device.pair.${word}`, { requestId });
      this.#load();
    };
    return h(`button.${word}`, { type: "button", "aria-label": `${verb} ${name}`, onclick }, verb);
  }

  /** The answer, or nothing: the next event or connection asks again. */
  #ask(method, params) {
    return this.#gateway.request(method, params).catch(() => ({}));
  }
}

customElements.define("claw-devices", ClawDevices);
