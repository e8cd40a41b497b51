/** `<claw-turn>`: one turn of the conversation on screen. */

import { copyButton, h, icon, linkButton } from "./dom.js";
import { clock, duration } from "./format.js";
import { codeBlock, renderMarkdown } from "./markdown.js";

const NAMES = { user: "You", assistant: "Agent", system: "Note" };
const PHASES = {
  preparing_workspace: "Preparing the workspace",
  preparing_context: "Reading the conversation",
  starting_model: "Waiting for the model",
};
const TOOL_STATES = { done: "done", error: "failed", running: "running", stopped: "stopped" };

class ClawTurn extends HTMLElement {
  #shown = [];
  #parts = h("div.parts");
  #foot = h("footer");

  connectedCallback() {
    this.append(this.#parts, this.#foot);
  }

  /** Shows `turn` (see transcript.js) unless this revision of it is shown already. */
  show(turn) {
    if (turn === this.#shown[0] && turn.rev === this.#shown[1]) return;
    this.#shown = [turn, turn.rev];
    Object.assign(this.dataset, { role: turn.role, status: turn.status ?? "" });
    this.role = "article";
    this.ariaLabel = NAMES[turn.role];
    this.ariaBusy = String(turn.status === "waiting" || turn.status === "streaming");
    turn.parts.forEach((part, index) => this.#showPart(part, index));
    while (this.#parts.children.length > turn.parts.length) this.#parts.lastElementChild.remove();
    this.#foot.replaceChildren(...(turn.role === "assistant" ? answerFoot(turn) : sentFoot(turn)));
  }

  #showPart(part, index) {
    const kind = part.type === "tool" ? "tool" : this.dataset.role === "assistant" ? "prose" : "plain";
    let node = this.#parts.children[index];
    if (!node?.classList.contains(kind)) {
      const fresh = kind === "tool" ? document.getElementById("tool").content.firstElementChild.cloneNode(true) : h(`div.${kind}`);
      if (node) node.replaceWith(fresh);
      else this.#parts.append(fresh);
      node = fresh;
    }
    if (kind === "tool") showTool(node, part);
    else if (kind === "prose") renderMarkdown(node, part.text);
    else node.textContent = part.text;
  }
}

function sentFoot({ status, error, runId }) {
  if (status !== "failed") return [];
  const again = ({ target }) => target.dispatchEvent(new CustomEvent("retry", { bubbles: true, detail: runId }));
  return [h("p.trouble", {}, icon("warn"), `Not sent: ${error}`, linkButton("Send again", again))];
}

function answerFoot({ status, phase, error, parts, ts, model }) {
  const idle = status === "waiting" || (status === "streaming" && parts.at(-1).type === "tool");
  if (idle) return [h("p.waiting", {}, h("i"), h("i"), h("i"), parts.length ? "Working" : (PHASES[phase] ?? "Thinking"))];
  if (status === "streaming") return [];
  const said = parts.flatMap(({ text }) => text ?? []).join("\n\n");
  return [
    status === "error" && h("p.trouble", { role: "alert" }, icon("warn"), error),
    status === "aborted" && h("p.stopped", {}, icon("stop"), "Stopped"),
    h("p.facts", {}, said && copyButton("Copy message", () => said), h("time", {}, clock(ts)), h("span", {}, model ?? "")),
  ].filter(Boolean);
}

function showTool(row, { name, args, output, status, ms }) {
  const [, label, preview, state] = row.firstElementChild.children;
  const asked = args ? JSON.stringify(args, null, 2) : "";
  row.dataset.status = status;
  label.textContent = name;
  preview.textContent = Object.values(args ?? {}).join(" ");
  state.textContent = TOOL_STATES[status] + (ms >= 1000 ? ` in ${duration(ms)}` : "");
  if (row.shown === asked + output) return;
  row.shown = asked + output;
  const blocks = [["Arguments", asked], ["Result", output]].filter(([, text]) => text);
  row.lastElementChild.replaceChildren(...blocks.flatMap(([title, text]) => [h("h4", {}, title), codeBlock(text)]));
}

customElements.define("claw-turn", ClawTurn);
