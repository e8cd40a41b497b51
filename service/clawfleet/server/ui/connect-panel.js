/** `<claw-connect>`: asks for the gateway's address and secret, and says why the last attempt was refused. */

import { copyButton, h } from "./dom.js";
import { tidyAddress } from "./credentials.js";

/** Refusals by their code: a title, and what a person can do. The gateway's own words are shown below. */
const REASONS = {
  AUTH_TOKEN_MISMATCH: ["That token is not this gateway's", "Each gateway has its own. The command below prints the one to paste here."],
  AUTH_PASSWORD_MISMATCH: ["That password is not this gateway's", "Enter the value of gateway.auth.password."],
  AUTH_RATE_LIMITED: ["Too many failed attempts", "Wait a few minutes, then connect with the right token."],
  CONTROL_UI_ORIGIN_NOT_ALLOWED: ["This address may not open the Control UI", `Add ${location.origin} to gateway.controlUi.allowedOrigins, or open the page on the gateway's host.`],
  CONTROL_UI_DEVICE_IDENTITY_REQUIRED: ["This page needs a secure address", "Open it by HTTPS, or on localhost."],
  PAIRING_REQUIRED: ["This browser waits for approval", "On the gateway's host, openclaw devices list shows the request."],
  BAD_ADDRESS: ["That address cannot be used", "It looks like ws://127.0.0.1:18789; a page opened by HTTPS needs wss://."],
};
const ASKS = ["AUTH_TOKEN_MISSING", "AUTH_PASSWORD_MISSING", "DEVICE_IDENTITY_REQUIRED"];

class ClawConnect extends HTMLElement {
  connectedCallback() {
    const [form, command, peek] = ["form", ".command", ".peek"].map((selector) => this.querySelector(selector));
    const { url, token } = form;
    form.onsubmit = (event) => {
      event.preventDefault();
      const secret = token.value.trim().replace(/^.*#token=/, ""); // the whole URL does as well
      this.dispatchEvent(new CustomEvent("connect", { detail: { url: tidyAddress(url.value), token: secret } }));
    };
    peek.onclick = () => {
      token.type = token.type === "text" ? "password" : "text";
      peek.ariaPressed = String(token.type === "text");
    };
    command.append(copyButton("Copy command", () => command.textContent));
  }

  /** Asks for the secret of the gateway at `url`; `error` is its refusal, `waiting` what is tried meanwhile. */
  show({ url, hasToken, error, waiting }) {
    const { form, problem } = { form: this.querySelector("form"), problem: this.querySelector(".problem") };
    const code = error?.details.code ?? error?.code;
    const refused = error && (hasToken || !ASKS.includes(code));
    const [title, advice] = REASONS[code] ?? ["The gateway refused the connection", ""];
    const idle = waiting ? "No answer from the gateway" : "Connect to your gateway";
    const words = refused ? [error.details.hint || advice, waiting] : [waiting];
    const said = refused && error.message ? [h("p.said", {}, `${error.message} (${code})`)] : [];
    this.querySelector("h1").textContent = refused ? title : idle;
    problem.replaceChildren(...words.filter(Boolean).map((line) => h("p", {}, line)), ...said);
    problem.hidden = !problem.hasChildNodes();
    if (this.hidden) form.url.value = url;
    this.busy(false);
    const opened = this.hidden;
    this.hidden = false;
    if (opened) form.token.focus();
    else if (refused && !waiting) form.token.select();
  }

  /** The button says when an attempt is under way. */
  busy(busy) {
    this.querySelector(".primary").textContent = busy ? "Connecting…" : "Connect";
  }

  /** Hides the panel and forgets the secret. */
  leave() {
    this.hidden = true;
    this.querySelector("form").token.value = "";
  }
}

customElements.define("claw-connect", ClawConnect);
