/** `<claw-sidebar>`: sessions to choose from, and how the gateway is doing. */

import { h } from "./dom.js";
import { ago, duration, sessionTitle } from "./format.js";

class ClawSidebar extends HTMLElement {
  #startedAt = 0;
  #uptime = h("dd");

  connectedCallback() {
    this.querySelector(".new").onclick = () => this.dispatchEvent(new CustomEvent("new"));
    this.querySelector(".close").onclick = () => this.toggle(false);
    this.onkeydown = ({ key }) => key === "Escape" && this.toggle(false);
    this.parentElement.onclick = ({ target }) => target === this.parentElement && this.toggle(false);
    matchMedia("(max-width: 820px)").onchange = () => this.toggle(false);
    setInterval(() => this.#tick(), 1_000);
  }

  /** Opens or closes the drawer that this is on narrow screens; while it is open, nothing beside it can be used. */
  toggle(open) {
    const was = this.classList.contains("open");
    this.classList.toggle("open", open);
    this.nextElementSibling.inert = open;
    if (open) this.querySelector(".close").focus();
    else if (was) document.querySelector(".menu").focus();
  }

  /** Lists session rows, the one whose key is `current` marked. */
  list(rows, current) {
    this.querySelector("ul").replaceChildren(...rows.map((row) => h("li", {}, this.#link(row, row.key === current))));
  }

  #link(row, isCurrent) {
    const onclick = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.dispatchEvent(new CustomEvent("choose", { detail: row.key }));
    };
    return h("a", { href: `?session=${encodeURIComponent(row.key)}`, title: row.key, "aria-current": isCurrent ? "page" : null, onclick },
      h("span.name", {}, sessionTitle(row)),
      row.hasActiveRun
        ? h("span.dot", { "data-state": "busy", role: "img", "aria-label": "answering" })
        : row.updatedAt && h("span.when", {}, ago(row.updatedAt)),
    );
  }

  /** Shows the gateway: `state` is ok or warn, `facts` are [name, value] pairs; empty ones are left out. */
  gateway({ state, words, version, startedAt, facts }) {
    const [dot, text, number] = this.querySelector(".state").children;
    dot.dataset.state = state;
    text.textContent = words;
    number.textContent = version;
    this.#startedAt = startedAt;
    this.#tick();
    const rows = facts.filter(([, value]) => value).map(([name, value]) => [name, h("dd", { title: value }, value)]);
    this.querySelector("dl").replaceChildren(
      ...[["Uptime", this.#uptime], ...rows].map(([name, value]) => h("div", {}, h("dt", {}, name), value)),
    );
  }

  #tick() {
    const text = this.#startedAt ? duration(Date.now() - this.#startedAt) : "–";
    if (this.#uptime.textContent !== text) this.#uptime.textContent = text;
  }
}

customElements.define("claw-sidebar", ClawSidebar);
