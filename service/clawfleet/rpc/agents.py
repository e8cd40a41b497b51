"""`agents.list` and `agent`: who answers, and one question with its answer. Source: protocol §11–12."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from clawfleet.agents.run import Outcome, Run, TurnInput
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method
from clawfleet.sessions.model import Input


class AgentModel(Result):
    """The model an agent uses."""

    primary: str


class AgentSummary(Result):
    """One agent. Clients will not let a person type when `model.primary` is missing."""

    id: str
    name: str | None = None
    workspace: str
    model: AgentModel


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
    roster, catalog = call.gateway.roster, call.gateway.models.catalog
    return AgentsList(
        default_id=roster.default_id,
        main_key="main",
        scope="per-sender",
        ownership="sole" if len(roster.agents) == 1 else "explicit",
        selection_required=False,
        agents=[
            AgentSummary(
                id=agent.id,
                name=agent.name,
                workspace=str(agent.workspace),
                model=AgentModel(primary=str(catalog.default(agent.id))),
            )
            for agent in roster.agents.values()
        ],
    )


class AgentParams(Params):
    """One message to an agent; `timeout` in seconds, 0 is the configured limit."""

    message: str = Field(min_length=1)
    idempotency_key: str = Field(min_length=1)
    agent_id: str | None = None
    session_key: str | None = None
    model: str | None = None
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


@method("agent", scope="operator.write")
async def ask_agent(call: Call, params: AgentParams) -> AgentAccepted | AgentOver:
    """Accept a message at once; the answer comes as a second response to the same request."""
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.session_key or "main", params.agent_id)
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
