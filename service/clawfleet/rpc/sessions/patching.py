"""`sessions.patch`: what is chosen for one session. Source: protocol §9, §12."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from clawfleet.agents.shown import REASONING, VERBOSE
from clawfleet.core.errors import RequestError
from clawfleet.models import thinking
from clawfleet.protocol.scopes import ADMIN
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.sessions.shapes import ResolvedModel, SessionEntry
from clawfleet.sessions.lifecycle import NewSession, Patch
from clawfleet.sessions.model import Session

_PLAIN = frozenset({"label", "category", "icon", "color"})
_ADDRESS = frozenset({"key", "agent_id", "expected_session_id", "expected_marked_unread_at"})
_EVERYBODY = _PLAIN | _ADDRESS | {"archived", "pinned", "unread", "model", "thinking_level", "fast_mode"}

MAY_BE: dict[str, tuple[Any, ...]] = {
    "response_usage": (None, "off", "tokens", "full"),
    "elevated_level": (None, "off", "on", "ask", "full"),
    "send_policy": (None, "allow", "deny"),
    "exec_host": (None, "auto", "sandbox", "gateway"),
    "verbose_level": (None, *VERBOSE),
    "reasoning_level": (None, *REASONING),
}
"""Settings that can be chosen, each with all that it may be here."""

SO_IT_IS: dict[str, tuple[Any, ...]] = {
    "fast_mode": (None, False),
    "trace_level": (None, "off"),
    "permission_mode": (None, "full"),
    "group_activation": (None,),
    "board_face": ("chat",),
    "exec_security": (None,),
    "exec_ask": (None,),
    "exec_node": (None,),
    "tool_overrides": (None,),
    "context_window": (None,),
    "status_note": (None,),
    "attention": (None,),
}
"""Settings that cannot be chosen here yet, each with the values that say what it is anyway."""


class NotASetting(RequestError):
    """Something is to be chosen that this gateway does not act on."""

    code = "SETTING_UNSUPPORTED"

    def __init__(self, name: str, value: object) -> None:
        super().__init__(
            f"{name} {value!r} cannot be chosen for a session of this gateway", hint=f"leave {name} out of the request"
        )


class SessionChanged(RequestError):
    """The session is not the one that the client knows any more."""

    code = "SESSION_CHANGED"

    def __init__(self, key: str) -> None:
        super().__init__(f"session {key} changed since it was read", hint="read it again and retry")


class PatchParams(Params):
    """What changes; null takes a choice back, what is left out stays."""

    key: str = Field(min_length=1)
    agent_id: str | None = None
    expected_session_id: str | None = None
    expected_marked_unread_at: Any = None
    label: str | None = Field(default=None, min_length=1, max_length=512)
    category: str | None = Field(default=None, min_length=1, max_length=512)
    icon: str | None = Field(default=None, max_length=512)
    color: str | None = Field(default=None, max_length=64)
    model: str | None = Field(default=None, min_length=1)
    thinking_level: str | None = Field(default=None, min_length=1)
    archived: bool | None = None
    pinned: bool | None = None
    unread: bool | None = None
    fast_mode: Any = None
    verbose_level: Any = None
    trace_level: Any = None
    reasoning_level: Any = None
    response_usage: Any = None
    elevated_level: Any = None
    send_policy: Any = None
    permission_mode: Any = None
    group_activation: Any = None
    board_face: Any = None
    exec_host: Any = None
    exec_security: Any = None
    exec_ask: Any = None
    exec_node: Any = None
    tool_overrides: Any = None
    context_window: Any = None
    status_note: Any = None
    attention: Any = None


def needs_admin(params: Any) -> str | None:
    """The scope that these parameters ask for besides write."""
    return None if params.model_fields_set <= _EVERYBODY else ADMIN


class Patched(Result):
    """The session after its change."""

    ok: Literal[True] = True
    path: str
    key: str
    entry: SessionEntry
    resolved: ResolvedModel


@method("sessions.patch", scope="operator.write", further=needs_admin)
async def patch(call: Call, params: PatchParams) -> Patched:
    """Choose something for a session, which is made if it is not there."""
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.key, params.agent_id)
    limited = SO_IT_IS | MAY_BE
    for name in params.model_fields_set & limited.keys():
        if (value := getattr(params, name)) not in limited[name]:
            raise NotASetting(PatchParams.model_fields[name].alias or name, value)
    known = await gateway.sessions.find(key)
    if params.expected_session_id is not None and (known is None or known.session_id != params.expected_session_id):
        raise SessionChanged(key)
    choices = _choices(params, known, agent_id, gateway)
    if known is None:
        await gateway.sessions.create(NewSession(key, agent_id))
    wanted = Patch(choices, archived=params.archived, pinned=params.pinned, unread=params.unread)
    session = await gateway.sessions.patch(key, wanted)
    return Patched(
        path=str(gateway.sessions.path),
        key=key,
        entry=SessionEntry.of(session),
        resolved=ResolvedModel.of(session, gateway),
    )


def _choices(params: PatchParams, known: Session | None, agent_id: str, gateway: Gateway) -> dict[str, str | None]:
    given = params.model_fields_set
    choices: dict[str, str | None] = {name: getattr(params, name) for name in _PLAIN & given}
    model = known.choices.model if known else None
    if "model" in given:
        model = checked_model(params.model, agent_id, gateway)
        choices["model"] = model
    for name, plain in (("response_usage", "off"), ("send_policy", "allow"), ("exec_host", "auto")):
        if name in given:
            value = getattr(params, name)
            choices[name] = None if value == plain else value
    for name in ("elevated", "verbose", "reasoning"):
        if f"{name}_level" in given:
            choices[name] = getattr(params, f"{name}_level")
    if "thinking_level" in given:
        choices["thinking"] = checked_level(params.thinking_level, model, agent_id, gateway)
    return choices


def checked_model(name: str | None, agent_id: str, gateway: Gateway) -> str | None:
    """The ref of a model that somebody chose, None for the default. Raises `UnknownModel`."""
    return None if name is None else gateway.models.catalog.choose(name, agent_id)


def checked_level(level: str | None, model: str | None, agent_id: str, gateway: Gateway) -> str | None:
    """A level of thinking that the session's model has. Raises `RequestError`."""
    if level is None:
        return None
    catalog = gateway.models.catalog
    ref = catalog.resolve(model, agent_id) if model else catalog.default(agent_id)
    return thinking.checked(level, catalog.row(ref))
