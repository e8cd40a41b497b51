"""`agents.list` and `agent`: who answers, and one question with its answer. Source: protocol §11–12."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from clawfleet.agents.commands.table import recognise
from clawfleet.agents.run import Outcome, Run, TurnInput
from clawfleet.core.errors import RequestError
from clawfleet.models.thinking import checked
from clawfleet.protocol.scopes import ADMIN
from clawfleet.routing.roster import MAIN_KEY, Agent, UnknownAgent
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method
from clawfleet.rpc.shapes import AgentRuntime, Thinking, thinking_of
from clawfleet.sessions.lifecycle import NewSession
from clawfleet.sessions.model import Choices, Input

DEFAULT_NAME = "Assistant"
MOST_WAIT_MS = 24 * 3600 * 1000


class AgentModel(Result):
    """The model an agent uses."""

    primary: str


class ShownAs(Result):
    """How an agent presents itself, as configured."""

    name: str | None = None
    theme: str | None = None
    emoji: str | None = None
    avatar: str | None = None


class AgentSummary(Thinking):
    """One agent. Clients will not let a person type when `model.primary` is missing."""

    id: str
    name: str | None = None
    identity: ShownAs | None = None
    workspace: str
    workspace_git: bool
    agent_runtime: AgentRuntime = AgentRuntime()
    model: AgentModel
    default_permission_mode: str = "full"


class AgentsList(Result):
    """The answer of `agents.list`."""

    default_id: str
    main_key: str
    scope: str
    ownership: str
    selection_required: bool
    agents: list[AgentSummary]


@method("agents.list", scope="operator.read")
async def list_agents(call: Call, params: NoParams) -> AgentsList:
    """The configured agents in their order."""
    roster = call.gateway.roster
    return AgentsList(
        default_id=roster.default_id,
        main_key="main",
        scope="per-sender",
        ownership="sole" if len(roster.agents) == 1 else "explicit",
        selection_required=False,
        agents=[await _summary(call, agent) for agent in roster.agents.values()],
    )


async def _summary(call: Call, agent: Agent) -> AgentSummary:
    catalog = call.gateway.models.catalog
    ref = catalog.default(agent.id)
    return AgentSummary(
        **thinking_of(catalog.find(ref)),
        id=agent.id,
        name=agent.name,
        identity=ShownAs(**shown) if (shown := agent.identity.model_dump(exclude_none=True)) else None,
        workspace=str(agent.workspace),
        workspace_git=await asyncio.to_thread(Path(agent.workspace, ".git").exists),
        model=AgentModel(primary=str(ref)),
    )


class IdentityParams(Params):
    """Whose; the default agent's without any."""

    agent_id: str | None = None
    session_key: str | None = None


class Identity(Result):
    """How an agent is shown."""

    agent_id: str
    name: str
    name_source: Literal["config", "default"]
    avatar: str
    emoji: str | None = None

    @classmethod
    def of(cls, agent: Agent) -> Identity:
        """As its config says, with a name and a letter for one that says nothing."""
        name, shown = agent.name or DEFAULT_NAME, agent.identity
        letter = next((letter.upper() for letter in name if letter.isalnum()), "A")
        return cls(
            agent_id=agent.id,
            name=name,
            name_source="config" if agent.name else "default",
            avatar=shown.avatar or shown.emoji or letter,
            emoji=shown.emoji,
        )


@method("agent.identity.get", scope="operator.read")
async def identity(call: Call, params: IdentityParams) -> Identity:
    """Name and avatar of an agent."""
    roster = call.gateway.roster
    named = roster.locate(params.session_key, params.agent_id)[1] if params.session_key else params.agent_id
    return Identity.of(roster.get(named))


class AgentParams(Params):
    """One message to an agent; `timeout` in seconds, 0 is the configured limit. `session_id` finds a session too."""

    message: str = Field(min_length=1)
    idempotency_key: str = Field(min_length=1)
    agent_id: str | None = None
    session_key: str | None = None
    session_id: str | None = None
    model: str | None = None
    thinking: str | None = None
    label: str | None = Field(default=None, min_length=1, max_length=512)
    timeout: int = Field(default=0, ge=0)
    extra_system_prompt: str | None = None


class AgentAccepted(Result):
    """The first response: the message is on disk. `status` is `in_flight` for a repeated key of a live run."""

    run_id: str
    session_key: str
    agent_id: str
    status: str
    accepted_at: int


class AgentOver(Result):
    """The only response when the same key was answered before: what the run said, or why it failed (`error`)."""

    run_id: str
    session_key: str
    agent_id: str
    status: Literal["ok", "error"]
    summary: str
    result: dict[str, Any]

    @classmethod
    def of(cls, kept: Input) -> AgentOver:
        """How the run of `kept` ended."""
        failed, text = kept.state == "failed", kept.reply or ""
        return cls(
            run_id=kept.run_id,
            session_key=kept.session_key,
            agent_id=kept.agent_id,
            status="error" if failed else "ok",
            summary=text if failed else "aborted" if kept.state == "aborted" else "completed",
            result={"payloads": [{"text": text, "mediaUrl": None}]},
        )


def _needs_admin(params: Any) -> str | None:
    known = recognise(params.message)
    return ADMIN if known is not None and known[0].resets else None


@method("agent", scope="operator.write", further=_needs_admin)
async def ask_agent(call: Call, params: AgentParams) -> AgentAccepted | AgentOver:
    """Accept a message at once; the answer comes as a second response to the same request."""
    gateway = call.gateway
    key, agent_id = await _located(call, params)
    if params.label is not None:
        await gateway.sessions.create(NewSession(key, agent_id, choices=Choices(label=params.label)))
    accepted = await gateway.runs.accept(
        TurnInput(
            session_key=key,
            agent_id=agent_id,
            text=params.message,
            idempotency_key=params.idempotency_key,
            run_id=params.idempotency_key,
            model=params.model,
            extra_system=params.extra_system_prompt,
            timeout_s=params.timeout or None,
            thinking=_level(call, params, agent_id),
            requester=call.caller.requester,
            may_command=True,
        )
    )
    if accepted.run is None:
        return AgentOver.of(accepted.input)
    call.follow_up(_answer(accepted.run))
    return AgentAccepted(
        run_id=accepted.input.run_id,
        session_key=key,
        agent_id=agent_id,
        status="accepted" if accepted.fresh else "in_flight",
        accepted_at=accepted.input.accepted_at_ms,
    )


async def _located(call: Call, params: AgentParams) -> tuple[str, str]:
    if params.session_id and not params.session_key:
        found = await call.gateway.sessions.find_by(session_id=params.session_id)
        if found:
            return found[0].key, found[0].agent_id
    try:
        return call.gateway.roster.locate(params.session_key or MAIN_KEY, params.agent_id)
    except UnknownAgent as error:
        raise RequestError(f"invalid agent params: {error.message}", hint=error.hint) from error


def _level(call: Call, params: AgentParams, agent_id: str) -> str | None:
    if not params.thinking or params.thinking == "default":
        return None
    catalog = call.gateway.models.catalog
    ref = catalog.resolve(params.model, agent_id) if params.model else catalog.default(agent_id)
    return checked(params.thinking, catalog.row(ref))


async def _answer(run: Run) -> dict[str, Any]:
    outcome: Outcome = await run.outcome()
    if outcome.error is not None:
        raise outcome.error
    ref = outcome.model
    return {
        "runId": run.run_id,
        "status": "aborted" if outcome.aborted else "ok",
        "summary": f"aborted: {outcome.aborted}" if outcome.aborted else "completed",
        "result": {
            "payloads": [{"text": outcome.visible, "mediaUrl": None}],
            "meta": {
                "stopReason": outcome.stop_reason,
                "durationMs": outcome.ended_at_ms - (run.started_at_ms or outcome.ended_at_ms),
                "agentMeta": {
                    "sessionId": run.input.session_id,
                    "provider": ref.provider if ref else None,
                    "model": ref.model if ref else None,
                    "usage": {
                        "input": outcome.usage.input,
                        "output": outcome.usage.output,
                        "cacheRead": outcome.usage.cache_read,
                        "cacheWrite": outcome.usage.cache_write,
                        "total": outcome.usage.total,
                    },
                },
            },
        },
    }


class WaitParams(Params):
    """Which run, how long to wait at the most."""

    run_id: str = Field(min_length=1)
    timeout_ms: int = Field(default=30_000, ge=0)


class Waited(Result):
    """How a run ended; `timeout` for one that is still going, or that nobody knows."""

    run_id: str
    status: Literal["ok", "error", "timeout"]
    started_at: int | None = None
    ended_at: int | None = None
    stop_reason: str | None = None
    error: str | None = None
    liveness_state: str | None = None
    terminal_receipt: dict[str, Any] | None = None
    terminal_reply: dict[str, Any] | None = None


@method("agent.wait", scope="operator.write")
async def wait(call: Call, params: WaitParams) -> Waited:
    """Wait for a run's end; one that is over answers at once."""
    gateway, limit_s = call.gateway, min(params.timeout_ms, MOST_WAIT_MS) / 1000
    run = gateway.runs.find(params.run_id)
    if run is None:
        kept = await gateway.sessions.input(params.run_id)
        if kept is not None and kept.state not in ("accepted", "interrupted"):
            return _over(kept)
        await asyncio.sleep(limit_s)
        return Waited(run_id=params.run_id, status="timeout")
    try:
        async with asyncio.timeout(limit_s):
            outcome = await run.outcome()
    except TimeoutError:
        return Waited(run_id=params.run_id, status="timeout")
    receipt = receipt_of(run, outcome)
    return Waited(
        run_id=run.run_id,
        status="error" if outcome.error else "ok",
        started_at=run.started_at_ms,
        ended_at=outcome.ended_at_ms,
        stop_reason=outcome.aborted or outcome.stop_reason,
        error=outcome.error.message if outcome.error else None,
        liveness_state="working",
        terminal_receipt=receipt,
        terminal_reply={"disposition": receipt["terminalDisposition"], "text": outcome.text},
    )


def _over(kept: Input) -> Waited:
    failed = kept.state == "failed"
    return Waited(
        run_id=kept.run_id,
        status="error" if failed else "ok",
        started_at=kept.accepted_at_ms,
        stop_reason="error" if failed else "rpc" if kept.state == "aborted" else "stop",
        error=kept.reply if failed else None,
        terminal_reply={"disposition": "visible" if kept.reply else "silent", "text": kept.reply or ""},
    )


def receipt_of(run: Run, outcome: Outcome) -> dict[str, Any]:
    """What a run did, in the protocol's words."""
    ref = outcome.model
    model = {"provider": ref.provider, "model": ref.model} if ref else {}
    return {
        "runId": run.run_id,
        "sessionId": run.input.session_id,
        "turnId": run.run_id,
        "requested": model,
        "effective": model,
        "successfulToolNames": list(outcome.tools_used),
        "rerouted": False,
        "terminalDisposition": "visible" if outcome.text else "silent",
    }
