/**
 * What was said in one session: the stored history and the live events of runs as one list of turns, each message
 * once. Holds no DOM.
 *
 * A turn is `{key, role, runId, ts, model, status, error, parts, rev}`; `rev` grows with each change. Parts are
 * `{type: "text", text}` and `{type: "tool", id, name, args, output, status, ms}`. Status of a user's turn: sending, sent,
 * failed; of an assistant's: waiting, streaming, done, aborted, error. Keys are `u:<runId>` and `a:<runId>`, so that a
 * live turn and its stored rows share one; the live one is shown while it has more to say.
 */
export class Transcript {
  hasMore = false;
  #stored = [];
  #live = [];
  #own = new Set();
  #ended = new Set();

  constructor(sessionKey) {
    this.sessionKey = sessionKey;
  }

  /** All turns in order; a live turn without a stored place stands after its question, or last. */
  get turns() {
    const turns = [...this.#stored];
    for (const turn of this.#live) {
      const stored = turns.findIndex(({ key }) => key === turn.key);
      const asked = turns.findIndex(({ key }) => turn.role === "assistant" && key === `u:${turn.runId}`);
      if (stored >= 0) turns[stored] = turn;
      else turns.splice(asked < 0 ? turns.length : asked + 1, 0, turn);
    }
    return turns;
  }

  /** True while a run of this session is under way. */
  get running() {
    return this.#live.some(isRunning);
  }

  /** Shows a message on its way; `key` makes sending it again harmless. */
  sending(key, text) {
    this.#own.add(key);
    const sent = this.#find(`u:${key}`);
    if (!sent) this.#live.push(newTurn({ key: `u:${key}`, role: "user", runId: key, status: "sending" }, text));
    else change(sent, { status: "sending", error: null });
  }

  /** The gateway took the message: its run begins. */
  accepted(key) {
    change(this.#find(`u:${key}`), { status: "sent" });
    if (!this.#ended.has(key)) this.#run(key);
  }

  /** The message did not arrive; `error` says why. */
  failed(key, error) {
    change(this.#find(`u:${key}`), { status: "failed", error });
  }

  /** Whether a person's message, as `session.message` tells it, is shown already. */
  knows({ idempotencyKey = "" }) {
    return Boolean(this.#find(`u:${idempotencyKey.replace(/:user$/, "")}`));
  }

  /** The text of the message sent under `key`. */
  textSent(key) {
    return this.#find(`u:${key}`)?.parts[0].text ?? "";
  }

  /** Takes a `chat` event in. True when the stored history now holds something that events do not carry. */
  chat({ runId, state, phase, message, errorMessage }) {
    if (this.#ended.has(runId)) return false;
    const isNews = !this.#own.has(runId) && !this.#find(`a:${runId}`);
    const turn = this.#run(runId);
    if (message) setText(turn, textOf(message.content));
    change(turn, { phase: phase ?? turn.phase, ts: message?.timestamp ?? turn.ts });
    if (!["final", "aborted", "error"].includes(state)) return isNews;
    this.#ended.add(runId);
    turn.status = state === "final" ? "done" : state;
    if (state === "error") turn.error = errorMessage || "The run failed.";
    if (state === "final" && !turn.parts.length) this.#live.splice(this.#live.indexOf(turn), 1); // joined another run
    for (const part of turn.parts) if (part.status === "running") part.status = "stopped";
    return !this.#own.has(runId);
  }

  /** Takes an `agent` event in: tool activity, and which model answers. */
  agent({ runId, stream, data, ts }) {
    const isTool = data?.toolCallId && (stream === "tool" || stream === "item");
    if (this.#ended.has(runId) || !(isTool || data?.model)) return;
    const turn = this.#run(runId);
    if (!isTool) return change(turn, { model: `${data.provider}/${data.model}` });
    const tool = toolPart(turn, data.toolCallId, data.name);
    tool.startedAt ??= ts;
    tool.args ??= data.args;
    if (data.partialResult) tool.output = textOf(data.partialResult.content);
    if (stream === "tool" && data.phase === "result") {
      endTool(tool, data.result?.content ?? data.result, data.isError);
      tool.ms = ts - tool.startedAt;
    }
    change(turn, { status: "streaming" });
  }

  /** Takes the stored history in. `missed` says that events were lost: what runs is then only what the gateway says. */
  load({ messages = [], inFlightRun, sessionInfo, hasMore }, { missed = false } = {}) {
    this.hasMore = Boolean(hasMore);
    this.#stored = [];
    for (const row of messages) this.#store(row);
    this.#live = this.#live.filter((turn) => {
      if (isRunning(turn)) return !missed;
      const stored = this.#stored.some(({ key }) => key === turn.key);
      return turn.status === "error" || (!stored && (turn.role === "user" || !missed));
    });
    for (const runId of sessionInfo?.activeRunIds ?? []) if (!this.#ended.has(runId)) this.#run(runId);
    if (inFlightRun && !this.#ended.has(inFlightRun.runId)) setText(this.#run(inFlightRun.runId), inFlightRun.text ?? "");
  }

  #find(key) {
    const has = (turn) => turn.key === key;
    return this.#live.find(has) ?? this.#stored.find(has);
  }

  /** The live turn of a run: the one there is, else one that goes on from the rows stored so far. */
  #run(runId) {
    const key = `a:${runId}`;
    const has = (turn) => turn.key === key;
    let turn = this.#live.find(has);
    if (!turn) {
      const stored = this.#stored.find(has) ?? newTurn({ key, role: "assistant", runId });
      this.#live.push((turn = { ...stored, status: stored.parts.length ? "streaming" : "waiting" }));
    }
    return turn;
  }

  #store(row) {
    const { id, runId, kind } = row.__openclaw ?? {};
    const common = { key: `m:${id}`, role: row.role, ts: row.timestamp };
    if (row.role === "user") {
      const run = /^(.+):user$/.exec(row.idempotencyKey)?.[1];
      this.#stored.push(newTurn({ ...common, key: run ? `u:${run}` : common.key, runId: run }, textOf(row.content)));
    } else if (row.role === "assistant") {
      const key = runId && !this.#stored.some((turn) => turn.key === `a:${runId}`) ? `a:${runId}` : common.key;
      const last = this.#stored.at(-1);
      const goesOn = runId && last?.role === "assistant" && last.runId === runId;
      if (!goesOn) this.#stored.push(newTurn({ ...common, key, runId, status: "done" }));
      storeAnswer(this.#stored.at(-1), row);
    } else if (row.role === "toolResult") {
      const turn = this.#stored.findLast(({ role }) => role === "assistant");
      if (turn) endTool(toolPart(turn, row.toolCallId, row.toolName), row.content, row.isError);
    } else if (kind === "reset") this.#stored.push(newTurn(common, "The session began anew here"));
  }
}

function newTurn(turn, text) {
  return { ts: Date.now(), rev: 0, parts: text === undefined ? [] : [{ type: "text", text }], ...turn };
}

function change(turn, values) {
  if (turn) Object.assign(turn, values).rev += 1;
}

function isRunning({ status }) {
  return status === "waiting" || status === "streaming";
}

/** The text of message content: a string, or the text blocks of a list; other blocks are named in brackets. */
function textOf(content) {
  if (!Array.isArray(content)) return typeof content === "string" ? content : JSON.stringify(content ?? "", null, 2);
  return content.map((block) => (block.type === "text" ? block.text : `[${block.type}]`)).join("\n");
}

/** Adds a stored answer's blocks to its turn. */
function storeAnswer(turn, row) {
  const blocks = Array.isArray(row.content) ? row.content : [{ type: "text", text: row.content }];
  for (const block of blocks) {
    if (block.type === "toolCall") Object.assign(toolPart(turn, block.id, block.name), { args: block.arguments });
    else if (textOf([block])) turn.parts.push({ type: "text", text: textOf([block]) });
  }
  turn.ts = row.timestamp;
  if (row.provider && row.model) turn.model = `${row.provider}/${row.model}`;
  if (row.openclawAbort || row.stopReason === "aborted") turn.status = "aborted";
  if (row.stopReason === "error") Object.assign(turn, { status: "error", error: row.errorMessage || "The run failed." });
}

/** Shows `text`, all that a run or its present message said so far: what earlier parts show is cut off its front. */
function setText(turn, text) {
  const last = turn.parts.at(-1);
  const open = last?.type === "text" ? last : null;
  let rest = text;
  for (const part of turn.parts) {
    if (part.type !== "text" || part === open) continue;
    if (!rest.trimStart().startsWith(part.text.trim())) break;
    rest = rest.trimStart().slice(part.text.trim().length);
  }
  if (!rest.trim()) return;
  if (open) open.text = rest;
  else turn.parts.push({ type: "text", text: rest });
  change(turn, { status: "streaming" });
}

function toolPart(turn, id, name) {
  let part = turn.parts.find((candidate) => candidate.type === "tool" && candidate.id === id);
  if (!part) turn.parts.push((part = { type: "tool", id, name, status: "running" }));
  return part;
}

function endTool(tool, content, isError) {
  Object.assign(tool, { output: textOf(content), status: isError ? "error" : "done" });
}
