/** `<claw-connect>`: asks for the gateway's address and secret, and says why the last attempt was refused. */

import { copyButton, h } from "./dom.js";
import { pageAddress, tidyAddress } from "./credentials.js";
import { troubleOf } from "./troubles.js";

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
  show({ url, hasSecret, error, waiting }) {
    const { form, problem } = { form: this.querySelector("form"), problem: this.querySelector(".problem") };
    const served = url === pageAddress() ? document.documentElement.dataset.gatewayInstance : "";
    const trouble = error && troubleOf(error, { hasSecret, served });
    const idle = waiting ? "No answer from the gateway" : "Connect to your gateway";
    this.querySelector("h1").textContent = trouble?.title ?? idle;
    this.#tell(problem, trouble ?? {}, waiting);
    problem.hidden = !problem.hasChildNodes();
    if (this.hidden) form.url.value = url;
    this.busy(false);
    const opened = this.hidden;
    this.hidden = false;
    if (opened) form.token.focus();
    else if (trouble && !waiting) form.token.select();
  }

  /** Writes the trouble down; a countdown that goes on leaves the rest, and its button, alone. */
  #tell(problem, { advice, command, said, reached }, waiting = "") {
    const told = JSON.stringify([advice, command, said, reached, Boolean(waiting)]);
    if (told !== problem.dataset.told) {
      const paragraph = (kind, text) => text && h(kind, {}, text);
      const mend = command && h("p.command", {}, h("code", {}, command), copyButton("Copy this command", () => command));
      const lines = [paragraph("p", advice), mend, paragraph("p.waiting", waiting), paragraph("p.said", said), paragraph("p.reached", reached)];
      problem.replaceChildren(...lines.filter(Boolean));
      problem.dataset.told = told;
    }
    if (waiting) problem.querySelector(".waiting").textContent = waiting;
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
