"""Sessions made, begun anew, deleted, stopped and shortened. Source: protocol §9, §12."""

from __future__ import annotations

from typing import Any, ClassVar, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from clawfleet.agents.run import TurnInput
from clawfleet.core.errors import NotFoundError, RequestError
from clawfleet.core.ids import new_id
from clawfleet.protocol.scopes import ADMIN
from clawfleet.routing.roster import MAIN_KEY
from clawfleet.rpc.attachments import Attachment, images_of
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.sessions.patching import NotASetting, SessionChanged, checked_level, checked_model
from clawfleet.rpc.sessions.shapes import ResolvedModel, SessionEntry
from clawfleet.sessions.lifecycle import NewSession
from clawfleet.sessions.model import Choices, Session

UNBUILT = ("incognito", "exec_node", "tool_overrides", "fork", "fork_from", "worktree", "project_id", "project_git_url")
"""What a new session cannot have here yet."""


class CreateParams(Params):
    """A new session; with `message` it begins at once. The same `idempotency_key` makes the same session."""

    key: str | None = Field(default=None, min_length=1, max_length=512)
    agent_id: str | None = None
    idempotency_key: str | None = Field(default=None, min_length=1)
    label: str | None = Field(default=None, min_length=1, max_length=512)
    category: str | None = Field(default=None, min_length=1, max_length=512)
    model: str | None = Field(default=None, min_length=1)
    thinking_level: str | None = Field(default=None, min_length=1)
    parent_session_key: str | None = Field(default=None, min_length=1)
    message: str | None = None
    task: str | None = None
    attachments: tuple[Attachment, ...] = ()
    incognito: Any = None
    exec_node: Any = None
    tool_overrides: Any = None
    fork: Any = None
    fork_from: Any = None
    worktree: Any = None
    project_id: Any = None
    project_git_url: Any = None


class Created(Result):
    """The session that was made, and the run that began in it."""

    ok: Literal[True] = True
    key: str
    session_id: str
    entry: SessionEntry
    run_started: bool
    run_id: str | None = None
    message_seq: int | None = None
    status: str | None = None
    resolved: ResolvedModel


def _needs_admin(params: Any) -> str | None:
    return ADMIN if params.incognito or params.exec_node or params.tool_overrides else None


@method("sessions.create", scope="operator.write", further=_needs_admin, once=True)
async def create(call: Call, params: CreateParams) -> Created:
    """Make a session, and say its first message if there is one."""
    gateway = call.gateway
    for name in UNBUILT:
        if value := getattr(params, name):
            raise NotASetting(CreateParams.model_fields[name].alias or name, value)
    agent = gateway.roster.get(params.agent_id)
    # The same key of the request leads to the same session, also when its answer was lost.
    own = uuid5(NAMESPACE_URL, params.idempotency_key) if params.idempotency_key else new_id()
    key, agent_id = gateway.roster.locate(params.key or f"agent:{agent.id}:dashboard:{own}", agent.id)
    parent = gateway.roster.locate(params.parent_session_key or MAIN_KEY, agent_id)[0]
    model = checked_model(params.model, agent_id, gateway)
    level = checked_level(params.thinking_level, model, agent_id, gateway)
    images = images_of(params.attachments)
    choices = Choices(model=model, thinking=level, label=params.label, category=params.category)
    session, _ = await gateway.sessions.create(
        NewSession(key, agent_id, parent_key=parent if parent != key else None, choices=choices)
    )
    text = params.message or params.task or ""
    begun: dict[str, Any] = {"run_started": False}
    if text.strip() or images:
        run_id = params.idempotency_key or new_id()
        asked = TurnInput(
            session_key=key,
            agent_id=agent_id,
            text=text,
            idempotency_key=run_id,
            run_id=run_id,
            images=images,
            requester=call.caller.requester,
        )
        accepted = await gateway.runs.accept(asked)
        begun = {"run_started": True, "run_id": run_id, "status": "started", "message_seq": accepted.seq}
    return Created(
        key=key,
        session_id=session.session_id,
        entry=SessionEntry.of(session),
        resolved=ResolvedModel.of(session, gateway),
        **begun,
    )


class ResetParams(Params):
    """Which session."""

    key: str = Field(min_length=1)
    agent_id: str | None = None
    reason: Literal["new", "reset"] = "reset"


class ResetResult(Result):
    """The session with its new id."""

    ok: Literal[True] = True
    key: str
    entry: SessionEntry
    resolved: ResolvedModel


@method("sessions.reset", scope=ADMIN)
async def reset(call: Call, params: ResetParams) -> ResetResult:
    """Begin a session anew: what runs in it is stopped, its transcript is kept apart, its choices stay."""
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.key, params.agent_id)
    await gateway.runs.stop(key, "reset")
    session, made = await gateway.sessions.create(NewSession(key, agent_id))
    if not made:
        session = await gateway.sessions.renew(key)
    return ResetResult(key=key, entry=SessionEntry.of(session), resolved=ResolvedModel.of(session, gateway))


class DeleteParams(Params):
    """Which session; `archived_only` spares one that is not archived."""

    key: str = Field(min_length=1)
    agent_id: str | None = None
    expected_session_id: str | None = None
    archived_only: bool = False


class Deleted(Result):
    """Whether there was one, and where its transcript is kept for thirty days."""

    ok: Literal[True] = True
    key: str
    deleted: bool
    archived: list[str]


class MainSession(RequestError):
    """The session that an agent always has is to go."""

    code = "MAIN_SESSION"

    def __init__(self, key: str) -> None:
        super().__init__(f"Cannot delete the main session ({key}).", hint="sessions.reset begins it anew")


def _unless_archived(params: Any) -> str | None:
    return None if params.archived_only else ADMIN


@method("sessions.delete", scope="operator.write", further=_unless_archived)
async def delete(call: Call, params: DeleteParams) -> Deleted:
    """Take a session away: what runs in it is stopped, its transcript is kept apart for a while."""
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.key, params.agent_id)
    if key == f"agent:{agent_id}:{MAIN_KEY}":
        raise MainSession(key)
    known = await gateway.sessions.find(key)
    if known is not None and params.expected_session_id not in (None, known.session_id):
        raise SessionChanged(key)
    if known is None or (params.archived_only and known.archived_at_ms is None):
        return Deleted(key=key, deleted=False, archived=[])
    await gateway.runs.stop(key, "stop")
    session, is_kept = await gateway.sessions.remove(key)
    archived = [f"{gateway.sessions.path}#{session.session_id}"] if session and is_kept else []
    return Deleted(key=key, deleted=session is not None, archived=archived)


class AbortParams(Params):
    """A session, or one run."""

    key: str | None = Field(default=None, min_length=1)
    run_id: str | None = Field(default=None, min_length=1)
    agent_id: str | None = None


class Aborted(Result):
    """The run that was stopped, null when none was."""

    keeps_none: ClassVar[bool] = True
    ok: Literal[True] = True
    aborted_run_id: str | None
    status: Literal["aborted", "no-active-run"]


@method("sessions.abort", scope="operator.write")
async def abort(call: Call, params: AbortParams) -> Aborted:
    """Stop what runs in a session."""
    gateway = call.gateway
    run = gateway.runs.find(params.run_id) if params.run_id else None
    if params.key is None and params.run_id is None:
        raise RequestError("invalid sessions.abort params: key or runId is required")
    key = gateway.roster.locate(params.key, params.agent_id)[0] if params.key else run.session_key if run else None
    stopped = gateway.runs.abort(session_key=key, run_id=params.run_id) if key else ()
    return Aborted(aborted_run_id=stopped[0] if stopped else None, status="aborted" if stopped else "no-active-run")


class CompactParams(Params):
    """Which session."""

    key: str = Field(min_length=1)
    agent_id: str | None = None
    max_lines: Any = None


class CompactionDetails(Result):
    """Files of the conversation that a summary names: none, as summaries here are words only."""

    read_files: tuple[str, ...] = ()
    modified_files: tuple[str, ...] = ()


class Compaction(Result):
    """The summary, and the first message that stays word for word."""

    summary: str
    first_kept_entry_id: str | None = None
    tokens_before: int
    details: CompactionDetails = CompactionDetails()


class CompactResult(Result):
    """What became of a session; `reason` says why nothing did."""

    ok: Literal[True] = True
    key: str
    compacted: bool
    reason: str | None = None
    result: Compaction | None = None


@method("sessions.compact", scope=ADMIN)
async def compact(call: Call, params: CompactParams) -> CompactResult:
    """Let the model sum up what is old in a session; later turns read the summary, the transcript keeps everything."""
    if params.max_lines is not None:
        raise NotASetting("maxLines", params.max_lines)
    key, _ = call.gateway.roster.locate(params.key, params.agent_id)
    done = await call.gateway.runs.compact(await existing(call, key))
    if not done.done:
        return CompactResult(key=key, compacted=False, reason=done.reason)
    result = Compaction(summary=done.summary, first_kept_entry_id=done.first_kept_id, tokens_before=done.tokens_before)
    return CompactResult(key=key, compacted=True, result=result)


async def existing(call: Call, key: str) -> Session:
    """The session of that key. Raises `NotFoundError`."""
    session = await call.gateway.sessions.find(key)
    if session is None:
        raise NotFoundError(f"session not found: {key}", hint="sessions.list shows which there are")
    return session
