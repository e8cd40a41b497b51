/** Building blocks for the page. Everything is made of nodes, never of markup text. */

const SVG = "http://www.w3.org/2000/svg";
const SHOWN_MS = 1_600;

/** A new element: `h("p.trouble", { role: "alert" }, icon("warn"), "text")`. `on…` become listeners, null is left out. */
export function h(selector, props = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.classList.add(...classes);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter(Boolean));
  return node;
}

/** An icon of the page's sprite; the control around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

/** A button that looks like a link. */
export function linkButton(label, onclick) {
  return h("button.link", { type: "button", onclick }, label);
}

/** A button that copies what `text()` returns and says so for a moment. */
export function copyButton(label, text) {
  const button = h("button.quiet", { type: "button", "aria-label": label, title: label }, icon("copy"));
  button.addEventListener("click", async () => {
    const copied = await copy(text());
    button.replaceChildren(icon(copied ? "check" : "close"));
    announce(copied ? "Copied" : "Could not copy");
    setTimeout(() => button.replaceChildren(icon("copy")), SHOWN_MS);
  });
  return button;
}

/** Says `text` to screen readers without moving focus. */
export function announce(text) {
  document.getElementById("announce").textContent = text;
}

/** A random UUID; `crypto.randomUUID` is missing on plain-HTTP pages of other hosts. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const area = h("textarea.unseen");
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy"); // the only way on plain-HTTP pages of other hosts
  area.remove();
  return copied;
}
