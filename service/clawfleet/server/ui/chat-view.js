/** `<claw-chat>`: the conversation of one session: its head, its turns, the message box. */

import { announce, h, icon, linkButton } from "./dom.js";
import "./turn-view.js";

const NEAR_END = 80; // pixels from the end within which new text keeps the view at the end
const TALLEST = 260;

class ClawChat extends HTMLElement {
  #transcript = null;
  #trouble = "";
  #drafts = new Map();
  #following = true;
  #frame = 0;
  #online = false;

  connectedCallback() {
    for (const name of ["h1", ".chip", ".menu", ".banner", ".turns", ".latest", ".composer", "textarea", ".stop", ".send"]) {
      this[`$${name.replace(".", "")}`] = this.querySelector(name);
    }
    this.$menu.onclick = () => this.#tell("menu");
    this.$stop.onclick = () => this.#tell("stop");
    this.$latest.onclick = () => this.#toEnd();
    this.$turns.onscroll = () => this.#scrolled();
    this.$textarea.oninput = () => this.#fit();
    this.$textarea.onkeydown = (event) => this.#key(event);
    this.$composer.onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    new ResizeObserver(() => this.#following && this.#toEnd()).observe(this.$turns);
  }

  /** Shows `transcript`; an unsent draft stays with the session it was written in. */
  open(transcript) {
    if (this.#transcript) this.#drafts.set(this.#transcript.sessionKey, this.$textarea.value);
    this.#transcript = transcript;
    this.#trouble = "";
    this.#following = true;
    this.$turns.replaceChildren();
    this.$textarea.value = this.#drafts.get(transcript.sessionKey) ?? "";
    this.#fit();
    this.update();
  }

  /** Puts the cursor into the message box, except where that would raise an on-screen keyboard. */
  focus() {
    if (!isTouch()) this.$textarea.focus();
  }

  /** What stands in the head. */
  describe(title, model) {
    this.$h1.textContent = title;
    this.$chip.textContent = model;
  }

  /** Shows whether messages can be sent, and `notice` when not; `retry` is offered beside it. */
  connection(online, notice, retry) {
    this.#online = online;
    this.$menu.lastElementChild.dataset.state = online ? "ok" : "warn";
    this.$banner.hidden = online;
    this.$banner.replaceChildren(icon("warn"), notice, retry ? linkButton("Try now", retry) : "");
    this.#fit();
  }

  /** Shows what changed in the transcript, with the next frame. `trouble` is why the history cannot be read. */
  update(trouble = "") {
    this.#trouble = trouble;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const { turns, running } = this.#transcript;
    const shown = new Map(Array.from(this.$turns.children, (node) => [node.key, node]));
    const nodes = turns.map((turn) => {
      const node = shown.get(turn.key) ?? Object.assign(h("claw-turn"), { key: turn.key });
      node.show(turn);
      return node;
    });
    place(this.$turns, [...this.#top(turns), ...nodes]);
    if (this.#following) this.#toEnd();
    else this.#scrolled();
    if (this.$stop.hidden === running) announce(running ? "The agent is answering" : "The agent has answered");
    this.$stop.hidden = !running;
  }

  /** What stands above the turns. */
  #top(turns) {
    const { hasMore, loaded } = this.#transcript;
    if (this.#trouble) {
      const again = linkButton("Try again", () => this.#tell("reload"));
      return [h("p.trouble", { role: "alert" }, icon("warn"), `This conversation cannot be read: ${this.#trouble}`, again)];
    }
    if (hasMore) return [linkButton("Show earlier messages", () => this.#tell("more"))];
    if (turns.length || !loaded) return [];
    const welcome = document.getElementById("welcome").content.firstElementChild.cloneNode(true);
    welcome.lastElementChild.hidden = !this.$chip.textContent.startsWith("demo/");
    return [welcome];
  }

  #submit() {
    const text = this.$textarea.value.trim();
    if (!text || !this.#online) return;
    this.$textarea.value = "";
    this.#fit();
    this.#toEnd();
    this.#tell("send", text);
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !isTouch()) {
      event.preventDefault();
      this.#submit();
    }
    if (event.key === "Escape" && !this.$stop.hidden) this.#tell("stop");
  }

  #fit() {
    const { style, value } = this.$textarea;
    style.height = "auto";
    style.height = `${Math.min(this.$textarea.scrollHeight, TALLEST)}px`;
    this.$send.disabled = !this.#online || !value.trim();
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.$turns;
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR_END;
    this.$latest.hidden = this.#following;
  }

  #toEnd() {
    this.$turns.scrollTop = this.$turns.scrollHeight;
    this.#scrolled();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Makes `nodes` the children of `parent` without moving those that stand in their place already. */
function place(parent, nodes) {
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}

function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}

customElements.define("claw-chat", ClawChat);
