"""`/subagents`: what works for this session, and what a person may do about it; `/kill`, `/steer`, `/tell` are short
for parts of it. Source: tools-and-sessions §10."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from clawfleet.agents.announce import stats
from clawfleet.agents.commands.base import Argument, Children, Command, Typed
from clawfleet.core.clock import iso_time, now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.sessions.spawns import Spawn
from clawfleet.tools.desk import Assignment

RECENT_MS = 30 * 60_000
KNOWN_MS = 24 * 3_600_000
LOGGED = 20
MOST_LOGGED = 200
MOST_LINE = 2_000
LINE = "-----"
USAGE = (
    "🧭 Usage: /subagents list | spawn <agentId> <task> [--model M] [--thinking L] | send <id|#> <message> | "
    "steer <id|#> <message> | kill <id|#|all> | log <id|#> [limit] [tools] | info <id|#>"
)
NONE_HERE = "Subagents are not available here."


class _Wrong(Exception):
    """What was typed cannot be done; the text says why."""


async def _answer(typed: Typed) -> str:
    verb, _, rest = typed.rest.strip().partition(" ")
    work = _VERBS.get(verb or "list")
    if typed.runs.subagents is None or work is None:
        return USAGE if work is None else NONE_HERE
    try:
        return await work(typed, typed.runs.subagents, rest.strip())
    except _Wrong as error:
        return str(error)
    except GatewayError as error:
        return f"⚠️ {error.message}"


async def _list(typed: Typed, children: Children, rest: str) -> str:
    known = await children.of(typed.session.key, since_ms=now_ms() - RECENT_MS)
    numbered = list(enumerate(known, 1))
    active = [_row(number, each) for number, each in numbered if each.state == "running"] or ["(none)"]
    recent = [_row(number, each) for number, each in numbered if each.state != "running"] or ["(none)"]
    return "\n".join(["active subagents:", LINE, *active, "", "recent subagents (last 30m):", LINE, *recent])


def _row(number: int, spawn: Spawn) -> str:
    shown = replace(spawn, ended_at_ms=spawn.ended_at_ms or now_ms())
    return f"{number}. {spawn.name} ({spawn.agent_id}, {stats(shown)}) {spawn.state} - {_line(spawn.task, 80)}"


async def _spawn(typed: Typed, children: Children, rest: str) -> str:
    words = _options(rest)
    agent_id, task = words.pop("agent", ""), words.pop("task", "")
    if not agent_id or not task:
        raise _Wrong("🧭 Usage: /subagents spawn <agentId> <task> [--model M] [--thinking L]")
    spawn = await children.spawn(
        Assignment(
            by_key=typed.session.key,
            by_agent=typed.session.agent_id,
            run_id="",
            task=task,
            agent_id=agent_id,
            model=words.get("model"),
            thinking=words.get("thinking"),
            delivery=typed.delivery,
            requester=typed.requester,
        )
    )
    return f"🚀 Subagent started: {spawn.name}\nRun: {spawn.run_id}\nSession: {spawn.key}"


def _options(rest: str) -> dict[str, str]:
    """`coding SAY hi --model x` as its parts; words of the task stay as they were typed."""
    found: dict[str, str] = {}
    task: list[str] = []
    try:
        words = shlex.split(rest, posix=False)
    except ValueError:
        words = rest.split()
    while words:
        word = words.pop(0)
        if word in ("--model", "--thinking") and words:
            found[word[2:]] = words.pop(0)
        else:
            task.append(word)
    if task:
        found["agent"], found["task"] = task[0], " ".join(task[1:])
    return found


async def _send(typed: Typed, children: Children, rest: str) -> str:
    name, _, text = rest.partition(" ")
    if not text.strip():
        raise _Wrong("🧭 Usage: /subagents send <id|#> <message>")
    spawn = await _find(typed, children, name)
    run_id = await typed.runs.tell(spawn.key, spawn.agent_id, text.strip(), typed.requester)
    return f"✉️ Sent to {spawn.name} (run {run_id[:8]})."


async def _kill(typed: Typed, children: Children, rest: str) -> str:
    if rest.strip().lower() == "all":
        stopped = await children.cancel(await children.of(typed.session.key, since_ms=now_ms()))
        return f"🛑 Stopped {len(stopped)} subagents." if stopped else "Nothing is running."
    if not rest.strip():
        raise _Wrong("🧭 Usage: /subagents kill <id|#|all>")
    spawn = await _find(typed, children, rest)
    stopped = await children.cancel([spawn])
    return f"🛑 Stopped {spawn.name}." if stopped else f"{spawn.name} is not running ({spawn.state})."


async def _log(typed: Typed, children: Children, rest: str) -> str:
    words = rest.split()
    if not words:
        raise _Wrong("🧭 Usage: /subagents log <id|#> [limit] [tools]")
    spawn = await _find(typed, children, words[0])
    limit = next((int(word) for word in words[1:] if word.isdigit()), LOGGED)
    page = await typed.desk.sessions.history(spawn.key, limit=min(max(limit, 1), MOST_LOGGED))
    shown = ("user", "assistant", "tool") if "tools" in words[1:] else ("user", "assistant")
    lines = [
        f"{entry.message.role}: {_line(entry.message.text, MOST_LINE)}"
        for entry in page.entries
        if entry.message.role in shown and entry.message.text
    ]
    return "\n".join([f"📜 Subagent log: {spawn.name}", *(lines or ["(empty)"])])


async def _info(typed: Typed, children: Children, rest: str) -> str:
    if not rest.strip():
        raise _Wrong("🧭 Usage: /subagents info <id|#>")
    spawn = await _find(typed, children, rest)
    session = await typed.desk.sessions.find(spawn.key)
    told = "not wanted" if not spawn.announces else "told" if spawn.announced_at_ms else "owed"
    rows = {
        "Status": spawn.state,
        "Label": spawn.name,
        "Task": _line(spawn.task, MOST_LINE),
        "Run": spawn.run_id,
        "Session": spawn.key,
        "SessionId": session.session_id if session else "deleted",
        "Model": spawn.model or "default",
        "Runtime": stats(replace(spawn, ended_at_ms=spawn.ended_at_ms or now_ms())),
        "Created": iso_time(spawn.created_at_ms),
        "Ended": iso_time(spawn.ended_at_ms) if spawn.ended_at_ms else "n/a",
        "Cleanup": spawn.cleanup,
        "Outcome": spawn.error or spawn.state,
        "Delivery": told,
    }
    return "\n".join(["ℹ️ Subagent info", *(f"{name}: {value}" for name, value in rows.items())])


async def _find(typed: Typed, children: Children, name: str) -> Spawn:
    known: Sequence[Spawn] = await children.of(typed.session.key, since_ms=now_ms() - KNOWN_MS)
    wanted = name.strip().removeprefix("#")
    if wanted.isdigit() and len(wanted) < 4 and 1 <= int(wanted) <= len(known):
        return known[int(wanted) - 1]
    for spawn in known:
        if wanted in (spawn.run_id, spawn.key, spawn.task_name, spawn.label):
            return spawn
    found = [spawn for spawn in known if len(wanted) >= 4 and spawn.run_id.startswith(wanted)]
    if len(found) != 1:
        raise _Wrong(f"⚠️ Unknown subagent id: {name.strip()}")
    return found[0]


def _line(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"


_VERBS: Mapping[str, Callable[[Typed, Children, str], Awaitable[str]]] = {
    "list": _list,
    "spawn": _spawn,
    "send": _send,
    "steer": _send,
    "kill": _kill,
    "log": _log,
    "info": _info,
}


async def _kill_short(typed: Typed) -> str:
    return await _answer(replace(typed, rest=f"kill {typed.rest}"))


async def _send_short(typed: Typed) -> str:
    return await _answer(replace(typed, rest=f"send {typed.rest}"))


_WHICH = Argument("target", "a subagent's id, name or number in the list")
SUBAGENTS = Command(
    "subagents",
    "List, spawn, stop and talk to subagents.",
    "management",
    _answer,
    arguments=(
        Argument("action", "what to do", tuple(_VERBS)),
        Argument("value", "what it is about"),
    ),
)
KILL = Command("kill", "Stop a subagent, or all.", "management", _kill_short, arguments=(_WHICH,))
STEER = Command(
    "steer",
    "Send a message to a subagent.",
    "management",
    _send_short,
    aliases=("tell",),
    arguments=(_WHICH, Argument("message", "what to tell it")),
)
