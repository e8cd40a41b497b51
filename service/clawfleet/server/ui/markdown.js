/** Markdown as DOM nodes, safe for any text: the source is never parsed as HTML, links are http(s) only. */

import { copyButton, h } from "./dom.js";

// None of these may backtrack far: the text comes from a model, and from whatever made the model say it.
const FENCE = /^\s{0,3}(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^\s{0,3}>\s?/;
const TABLE_RULE = /^\|?(\s*:?-+:?\s*\|)+(\s*:?-+:?)?$/;
const INLINE = new RegExp(
  [
    "(?<ticks>`+)(?<code>[^`]|[^`].*?[^`])\\k<ticks>(?!`)",
    "\\[(?<label>[^\\[\\]]+)\\]\\((?<href>[^\\s()]+)\\)",
    "(?<url>https?://[^\\s<>\"'`*]*[^\\s<>\"'`*.,:;!?)\\]])",
    "\\*\\*(?<bold>[^\\s*]|[^\\s*].*?[^\\s])\\*\\*",
    "(?<![\\w*])\\*(?<star>[^\\s*]|[^\\s*][^*]*?[^\\s*])\\*(?!\\*)",
    "(?<![\\w_])_(?<line>[^\\s_]|[^\\s_][^_]*?[^\\s_])_(?![\\w_])",
  ].join("|"),
  "s",
);
const INLINE_LIMIT = 8_000; // characters of one paragraph that are looked at for inline marks
const DEEPEST = 8; // quotes and lists inside each other

/**
 * Shows `text` in `target`. Blocks whose source did not change since the last call keep their nodes, so that a
 * growing text costs only its last block and a selection above it survives.
 */
export function renderMarkdown(target, text) {
  const blocks = splitBlocks(text.split("\n"));
  const kept = [...target.children];
  blocks.forEach(({ source, build }, index) => {
    if (kept[index]?.source === source) return;
    const node = Object.assign(build(), { source });
    if (kept[index]) kept[index].replaceWith(node);
    else target.append(node);
  });
  kept.slice(blocks.length).forEach((node) => node.remove());
}

/** A block of code with its language and a copy button. */
export function codeBlock(code, language = "") {
  const bar = h("div.code-bar", {}, h("span", {}, language), copyButton("Copy code", () => code));
  return h("div.code", {}, bar, h("pre", { tabindex: 0 }, h("code", {}, code)));
}

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found; rest.length < INLINE_LIMIT && (found = INLINE.exec(rest)); rest = rest.slice(found.index + found[0].length)) {
    nodes.push(rest.slice(0, found.index), mark(found[0], found.groups));
  }
  return [...nodes, rest];
}

function mark(source, { code, label, href, url, bold, star, line }) {
  if (code) return h("code", {}, code);
  if (bold) return h("strong", {}, inline(bold));
  if (star || line) return h("em", {}, inline(star || line));
  const target = href ?? url;
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return source;
  return h("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, label ? inline(label) : url);
}

function splitBlocks(lines, depth = 0) {
  const blocks = [];
  for (let at = 0; at < lines.length; ) {
    const [end, build] = blockAt(lines, at, depth);
    if (build) blocks.push({ source: lines.slice(at, end).join("\n"), build });
    at = end;
  }
  return blocks;
}

/** Where the block that starts at line `at` ends, and how to build it; an empty line has no build. */
function blockAt(lines, at, depth) {
  const line = lines[at];
  if (!line.trim()) return [at + 1];
  const fence = FENCE.exec(line);
  if (fence) return fenced(lines, at, fence);
  const heading = HEADING.exec(line);
  if (heading) return [at + 1, () => h(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2]))];
  if (ITEM.test(line) && depth < DEEPEST) return list(lines, at, depth);
  if (QUOTE.test(line) && depth < DEEPEST) {
    const end = endOf(lines, at, (next) => QUOTE.test(next));
    return [end, () => nested("blockquote", lines.slice(at, end).map((next) => next.replace(QUOTE, "")), depth)];
  }
  if (line.includes("|") && TABLE_RULE.test(lines[at + 1]?.trim())) return table(lines, at);
  const end = endOf(lines, at + 1, (next) => next.trim() && ![FENCE, HEADING, ITEM, QUOTE].some((mark) => mark.test(next)));
  return [end, () => h("p", {}, inline(lines.slice(at, end).join("\n")))];
}

function endOf(lines, at, belongs) {
  let end = at;
  while (end < lines.length && belongs(lines[end])) end += 1;
  return end;
}

/** A fence without its end runs to the last line: it is still streaming. */
function fenced(lines, at, [, ticks, info]) {
  const end = endOf(lines, at + 1, (line) => !line.trim().startsWith(ticks));
  return [Math.min(end + 1, lines.length), () => codeBlock(lines.slice(at + 1, end).join("\n"), info.trim().split(" ")[0])];
}

function nested(tag, lines, depth) {
  return h(tag, {}, splitBlocks(lines, depth + 1).map(({ build }) => build()));
}

/** Lines that are indented deeper than the first bullet belong to the item above them. */
function list(lines, at, depth) {
  const [, indent, bullet] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(bullet);
  const items = [];
  let end = at;
  for (; end < lines.length; end += 1) {
    const [, depth, mark, text] = ITEM.exec(lines[end]) ?? [];
    if (mark && depth.length <= indent.length + 1) {
      if (/\d/.test(mark) !== ordered) break;
      items.push([text]);
    } else if (/^\s+\S/.test(lines[end])) items.at(-1).push(lines[end].replace(/^ {1,3}|^\t/, ""));
    else if (lines[end].trim() || !/^\s*([-*+]|\d+[.)])\s|^\s+\S/.test(lines[end + 1])) break;
    else items.at(-1).push("");
  }
  return [end, () => h(ordered ? "ol" : "ul", { start: ordered ? parseInt(bullet, 10) : null }, items.map((item) => listItem(item, depth)))];
}

/** The first paragraph of an item becomes bare text, so that tight lists stay tight. */
function listItem(lines, depth) {
  const item = nested("li", lines, depth);
  const first = item.firstElementChild;
  if (first?.tagName === "P") first.replaceWith(...first.childNodes);
  return item;
}

function table(lines, at) {
  const end = endOf(lines, at, (line) => line.includes("|"));
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|");
  const row = (tag) => (line) => h("tr", {}, cells(line).map((cell) => h(tag, {}, inline(cell.trim()))));
  const rows = () => [h("thead", {}, row("th")(lines[at])), h("tbody", {}, lines.slice(at + 2, end).map(row("td")))];
  return [end, () => h("div.table", { tabindex: 0 }, h("table", {}, rows()))];
}
