/** The first room of the Control UI: connects to the gateway, shows how it is, and chats. Wires the parts together. */

import "./chat-view.js";
import "./connect-panel.js";
import { chooseAddress, currentAddress, takeFragment, tokenFor } from "./credentials.js";
import "./devices.js";
import { announce, uuid } from "./dom.js";
import { duration, modelRef, sessionTitle } from "./format.js";
import { Gateway } from "./gateway.js";
import { Login } from "./login.js";
import "./sidebar.js";
import { Transcript } from "./transcript.js";
import { whyGone } from "./troubles.js";

const PAGE = 100;
const LONGEST_HISTORY = 1000;
const SETTLE_MS = 250; // news of sessions come in bursts
const NO_SCOPE =
  "This page has no device identity here, and from another machine the token alone opens no conversation. Open the page by HTTPS, or on localhost through an SSH tunnel.";
const SPLASH_MS = 400; // a connection faster than this shows no connect panel

const gateway = new Gateway();
const room = document.getElementById("room");
const parts = ["claw-connect", "claw-sidebar", "claw-chat", "claw-devices"];
const [panel, sidebar, chat, devices] = parts.map((name) => document.querySelector(name));
const seen = { sessions: [] }; // what the gateway told: health, clients, sessions, defaults, startedAt, goodbye

let login = null;
let connection = {};
let transcript = null;
let limit = PAGE;
let missed = true; // events were lost since the last history
let listTimer = 0;

// --- connecting ---

function start() {
  const isFresh = takeFragment();
  enter(currentAddress(), new Login(currentAddress(), tokenFor(currentAddress()), { isFresh }));
}

function enter(url, as) {
  login = as;
  gateway.open(url, login);
}

panel.addEventListener("connect", ({ detail: { url, token } }) => {
  chooseAddress(url);
  enter(url, new Login(url, token || tokenFor(url), { isFresh: Boolean(token) }));
});

gateway.addEventListener("state", ({ detail }) => {
  const { state } = gateway;
  connection = detail;
  missed ||= state === "waiting";
  if (state === "connected") greet();
  if (state === "refused") turnedAway(detail.error);
  if (state === "connecting" && !panel.hidden) panel.busy(true);
  if (state === "connecting" && room.hidden) setTimeout(() => gateway.state === "connecting" && panel.hidden && showPanel(), SPLASH_MS);
  showConnection();
});

gateway.addEventListener("shutdown", ({ detail }) => {
  seen.goodbye = detail.reason;
});

function greet() {
  const { snapshot = {} } = gateway.hello;
  const isFirst = room.hidden;
  panel.leave();
  room.hidden = false;
  Object.assign(seen, { health: snapshot.health, clients: snapshot.presence, goodbye: "" });
  seen.startedAt = Date.now() - (snapshot.uptimeMs ?? 0);
  openSession(sessionInUrl() ?? mainKey());
  loadSessions();
  if (offers("sessions.subscribe")) ask("sessions.subscribe", () => {});
  if (!seen.health) ask("health", (health) => show({ health }));
  if (isFirst) chat.focus();
  else announce("Connected again");
}

function turnedAway(error) {
  room.hidden = true;
  showPanel({ error });
}

function showPanel(more) {
  panel.show({ url: gateway.url, hasSecret: login.hasSecret, ...more });
  panel.busy(gateway.state === "connecting");
}

function showConnection() {
  const { retryAt, error, closed } = connection;
  const { state } = gateway;
  const left = retryAt ? Math.max(1_000, retryAt - Date.now()) : 0;
  const again = left ? `Trying again in ${duration(left)}.` : "Trying again…";
  if (error?.details.code === "PAIRING_REQUIRED") room.hidden = true;
  if (room.hidden && state === "waiting") showPanel({ error, waiting: again });
  chat.connection(state === "connected", `${error?.text ?? whyGone(closed, seen.goodbye)} ${again}`, left && (() => gateway.retry()));
  show();
}

setInterval(() => gateway.state === "waiting" && showConnection(), 1_000);
addEventListener("hashchange", () => location.hash.includes("token=") && start());

// --- the gateway ---

gateway.addEventListener("health", ({ detail }) => show({ health: detail }));
gateway.addEventListener("presence", ({ detail }) => show({ clients: detail.presence }));

function offers(method) {
  return gateway.hello?.features?.methods?.includes(method);
}

function ask(method, use, params) {
  gateway.request(method, params).then(use, () => {}); // an answer less; the next event or connection asks again
}

/** Takes news in, and shows the gateway and the head of the chat anew. */
function show(news) {
  Object.assign(seen, news);
  const { hello, url } = gateway;
  if (!hello || !transcript) return;
  const online = gateway.state === "connected";
  const { health, clients = [], startedAt } = seen;
  const wellness = online ? wellnessOf(health) : "";
  const others = clients.filter(({ mode, reason }) => mode !== "gateway" && reason !== "disconnect");
  const row = sessionRows().find(({ key }) => key === transcript.sessionKey);
  const model = transcript.model || modelRef(row) || modelRef(seen.defaults);
  sidebar.gateway({
    state: online && (wellness || "good") === "good" ? "ok" : "warn",
    words: online ? "Connected" : "Reconnecting",
    version: hello.server?.version,
    startedAt: online ? startedAt : 0,
    facts: [
      ["Health", wellness],
      ["Model", model],
      ["Clients", online && others.length && String(others.length)],
      ["Address", url],
      ["State dir", hello.snapshot?.stateDir],
    ],
  });
  document.title = `${transcript.running ? "● " : ""}${sessionTitle(row)} · Clawfleet`;
  chat.describe(sessionTitle(row), model);
}

/** "good", what is wrong, or "" when the gateway does not say. */
function wellnessOf({ ok, eventLoop } = {}) {
  if (eventLoop?.degraded) return eventLoop.reasons?.join(", ").replaceAll("_", " ") || "slow";
  return ok === undefined ? "" : ok ? "good" : "needs attention";
}

// --- sessions ---

sidebar.addEventListener("choose", ({ detail }) => visit(detail));
sidebar.addEventListener("new", () => visit(`agent:${defaults().defaultAgentId ?? "main"}:dashboard:${uuid()}`));
chat.addEventListener("menu", () => sidebar.toggle(true));
addEventListener("popstate", () => openSession(sessionInUrl() ?? mainKey()));
gateway.addEventListener("sessions.changed", loadSessions);

gateway.addEventListener("session.message", ({ detail: { sessionKey, message } }) => {
  if (sessionKey === transcript.sessionKey && message?.role === "user" && !transcript.knows(message)) loadHistory();
});

function visit(key) {
  history.pushState(null, "", `?session=${encodeURIComponent(key)}`);
  sidebar.toggle(false);
  openSession(key);
  chat.focus();
}

/** Shows the session; the one that is open already only gets its history anew. */
function openSession(key) {
  if (transcript?.sessionKey !== key) {
    follow(transcript?.sessionKey, false);
    transcript = new Transcript(key);
    limit = PAGE;
    chat.open(transcript);
  }
  sidebar.list(sessionRows(), key);
  show();
  follow(key, true);
  loadHistory();
}

/** Asks for the messages of one session, or for no more of them. */
function follow(key, wanted) {
  const method = `sessions.messages.${wanted ? "subscribe" : "unsubscribe"}`;
  if (key && offers(method)) ask(method, () => {}, { key });
}

function loadSessions() {
  clearTimeout(listTimer);
  const params = { limit: 50, includeDerivedTitles: true, includeLastMessage: true };
  listTimer = setTimeout(() => ask("sessions.list", showSessions, params), SETTLE_MS);
}

function showSessions({ sessions, defaults: common }) {
  show({ sessions, defaults: common });
  sidebar.list(sessionRows(), transcript.sessionKey);
}

/** The sessions that the gateway knows, and the open one. */
function sessionRows() {
  const key = transcript.sessionKey;
  return seen.sessions.some((row) => row.key === key) ? seen.sessions : [{ key }, ...seen.sessions];
}

function defaults() {
  return gateway.hello?.snapshot?.sessionDefaults ?? {};
}

function mainKey() {
  return defaults().mainSessionKey ?? "agent:main:main";
}

function sessionInUrl() {
  return new URLSearchParams(location.search).get("session");
}

// --- chat ---

chat.addEventListener("send", ({ detail }) => send(uuid(), detail));
chat.addEventListener("retry", ({ detail }) => send(detail, transcript.textSent(detail)));
chat.addEventListener("stop", () => ask("chat.abort", ({ aborted }) => aborted || loadHistory(), { sessionKey: transcript.sessionKey }));
chat.addEventListener("reload", loadHistory);
chat.addEventListener("more", () => {
  limit = Math.min(limit * 2, LONGEST_HISTORY);
  loadHistory();
});

gateway.addEventListener("gap", () => {
  missed = true;
  loadHistory();
  loadSessions();
  ask("health", (health) => show({ health }));
});

gateway.addEventListener("chat", ({ detail }) => {
  if (detail.sessionKey !== transcript.sessionKey) return;
  if (transcript.chat(detail)) loadHistory();
  if (detail.state !== "delta") loadSessions();
  chat.update();
});

gateway.addEventListener("agent", ({ detail }) => {
  if (detail.sessionKey !== transcript.sessionKey) return;
  transcript.agent(detail);
  chat.update();
});

async function loadHistory() {
  const asked = transcript;
  const all = missed;
  try {
    const stored = await gateway.request("chat.history", { sessionKey: asked.sessionKey, limit });
    asked.load(stored, { missed: all });
    Object.assign(asked, { loaded: true, model: modelRef(stored.sessionInfo) || modelRef(stored.defaults) });
    missed &&= !all;
    if (asked === transcript) chat.update();
    show();
  } catch (error) {
    if (asked !== transcript || error.code === "DISCONNECTED") return;
    chat.update(error.details.code === "MISSING_SCOPE" ? `${error.text}. ${NO_SCOPE}` : error.text);
  }
}

async function send(key, text) {
  const asked = transcript;
  asked.sending(key, text);
  chat.update();
  try {
    const { status } = await gateway.request("chat.send", { sessionKey: asked.sessionKey, message: text, idempotencyKey: key });
    if (status === "started") asked.accepted(key);
    else loadHistory(); // answered before, or a command
  } catch (error) {
    asked.failed(key, error.text);
  }
  chat.update();
}

devices.follow(gateway);
start();
