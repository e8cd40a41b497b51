"""Looking at sessions: one row, its last words, its messages, where words were said. Source: protocol §12."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import Field

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import NotFoundError, RequestError
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.shapes import ChatMessage, SessionRow
from clawfleet.sessions.entries import beginning
from clawfleet.sessions.model import Session

MOST_CHARS = 200_000


class DescribeParams(Params):
    """Which session."""

    key: str = Field(min_length=1)
    agent_id: str | None = None
    include_derived_titles: bool = True
    include_last_message: bool = True


class Described(Result):
    """The row of a session, null when there is none."""

    session: SessionRow | None = None


@method("sessions.describe", scope="operator.read")
async def describe(call: Call, params: DescribeParams) -> Described:
    """One session as lists show it."""
    key, _ = call.gateway.roster.locate(params.key, params.agent_id)
    session = await call.gateway.sessions.find(key)
    if session is None:
        return Described(session=None)
    row = SessionRow.of(session, call.gateway)
    shown = {"derived_title": params.include_derived_titles, "last_message_preview": params.include_last_message}
    return Described(session=row.model_copy(update={name: None for name, wanted in shown.items() if not wanted}))


class PreviewParams(Params):
    """Whose last words, how many, how long."""

    keys: tuple[str, ...] = Field(max_length=1000)
    limit: int = Field(default=12, ge=1)
    max_chars: int = Field(default=240, ge=20)


class PreviewItem(Result):
    """One thing said."""

    role: str
    text: str


class Preview(Result):
    """The last words of one session; `status` is `ok`, `empty` or `missing`."""

    key: str
    status: str
    items: list[PreviewItem]


class Previews(Result):
    """The answer of `sessions.preview`."""

    ts: int
    previews: list[Preview]


@method("sessions.preview", scope="operator.read")
async def preview(call: Call, params: PreviewParams) -> Previews:
    """What was said last in some sessions."""
    limit = min(params.limit, 50)
    previews = []
    for asked in params.keys[:64]:
        key, _ = call.gateway.roster.locate(asked)
        page = await call.gateway.sessions.history(key, limit=4 * limit)
        items = [
            PreviewItem(role=entry.message.role, text=text)
            for entry in page.entries
            if entry.message.role in ("user", "assistant")
            and (text := beginning(entry.message.text, params.max_chars) or "")
        ]
        status = "missing" if page.session is None else "ok" if items else "empty"
        previews.append(Preview(key=asked, status=status, items=items[-limit:]))
    return Previews(ts=now_ms(), previews=previews)


class ResolveParams(Params):
    """A session by its key, its id or its label."""

    key: str | None = Field(default=None, min_length=1)
    session_id: str | None = Field(default=None, min_length=1)
    label: str | None = Field(default=None, min_length=1)
    agent_id: str | None = None
    allow_missing: bool = False


class Resolved(Result):
    """The session that was meant; `ok` is False when there is none and that was allowed."""

    ok: bool
    key: str | None = None
    agent_id: str | None = None


@method("sessions.resolve", scope="operator.read", advertised=False)
async def resolve(call: Call, params: ResolveParams) -> Resolved:
    """The key of a session that somebody means."""
    wanted = params.key or params.session_id or params.label
    if wanted is None:
        raise RequestError("Either key, sessionId or label is required")
    sessions = call.gateway.sessions
    if params.key is not None:
        found = await sessions.find(call.gateway.roster.locate(params.key, params.agent_id)[0])
        matches: tuple[Session, ...] = (found,) if found else ()
    else:
        matches = await sessions.find_by(label=params.label, session_id=params.session_id)
    if matches:
        return Resolved(ok=True, key=matches[0].key, agent_id=matches[0].agent_id)
    if params.allow_missing:
        return Resolved(ok=False)
    raise NotFoundError(f"No session found: {wanted}")


class GetParams(Params):
    """Which session, how many of its newest messages."""

    key: str = Field(min_length=1)
    agent_id: str | None = None
    limit: int = Field(default=200, ge=1, le=1000)


class Messages(Result):
    """The answer of `sessions.get`."""

    messages: list[ChatMessage]


@method("sessions.get", scope="operator.read", advertised=False)
async def get(call: Call, params: GetParams) -> Messages:
    """The newest messages of a session, oldest first."""
    key, _ = call.gateway.roster.locate(params.key, params.agent_id)
    page = await call.gateway.sessions.history(key, limit=params.limit)
    return Messages(messages=[ChatMessage.of(entry, MOST_CHARS) for entry in page.entries])


class SearchParams(Params):
    """Which words, where."""

    query: str = Field(min_length=1, max_length=4096)
    agent_id: str | None = None
    session_keys: tuple[str, ...] | None = Field(default=None, max_length=1000)
    limit: int = Field(default=10, ge=1, le=25)


class SearchHit(Result):
    """One message that has the words."""

    session_key: str
    session_id: str
    message_id: str
    role: str
    timestamp: int
    snippet: str
    score: float


class SearchHits(Result):
    """The answer of `sessions.search`."""

    results: list[SearchHit]


@method("sessions.search", scope="operator.read")
async def search(call: Call, params: SearchParams) -> SearchHits:
    """Messages with certain words in them, newest first."""
    roster = call.gateway.roster
    keys = None if params.session_keys is None else tuple(roster.locate(key)[0] for key in params.session_keys)
    agent_id = roster.get(params.agent_id).id if params.agent_id else None
    found = await call.gateway.sessions.search(params.query, agent_id=agent_id, keys=keys, limit=params.limit)
    return SearchHits(
        results=[
            SearchHit(
                session_key=hit.session_key,
                session_id=hit.entry.session_id,
                message_id=hit.entry.entry_id,
                role=hit.entry.message.role,
                timestamp=hit.entry.at_ms,
                snippet=hit.snippet,
                score=1.0,
            )
            for hit in found
        ]
    )


class BranchesParams(Params):
    """Which session."""

    session_key: str = Field(min_length=1)
    agent_id: str | None = None


class Branch(Result):
    """One line of a conversation, by its last message."""

    leaf_entry_id: str
    headline: str
    message_count: int
    updated_at: str
    active: bool


class Branches(Result):
    """The answer of `sessions.branches.list`."""

    branches: list[Branch]


@method("sessions.branches.list", scope="operator.read")
async def branches(call: Call, params: BranchesParams) -> Branches:
    """The lines of a conversation: one, as transcripts here do not fork."""
    key, _ = call.gateway.roster.locate(params.session_key, params.agent_id)
    page = await call.gateway.sessions.history(key, limit=1)
    return Branches(
        branches=[
            Branch(
                leaf_entry_id=entry.entry_id,
                headline=beginning(entry.message.text, 80) or "",
                message_count=page.total,
                updated_at=datetime.fromtimestamp(entry.at_ms / 1000, UTC).isoformat().replace("+00:00", "Z"),
                active=True,
            )
            for entry in page.entries
        ]
    )
