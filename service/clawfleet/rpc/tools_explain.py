"""`tools.explain`: why a session has the tools it has. Our own method; `openclaw tools explain` prints the same.

Source: tools-and-sessions §1.6.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.sessions.model import NO_CHOICES
from clawfleet.tools.explain import Explanation, Step, Told
from clawfleet.tools.policy import canonical
from clawfleet.tools.subject import ExecWish, Occasion


class ExplainParams(Params):
    """Whose tools, with which model; `tool` is the only one to be told of."""

    agent_id: str | None = None
    session_key: str = Field(default="main", min_length=1)
    model: str | None = None
    tool: str | None = None


class LayerRow(Result):
    """One layer: its lists, how many tools came to it and how many it left, and which it removed.

    `profile` is the tool profile that `allow` was made of.
    """

    layer: str
    source: Literal["config", "default"]
    key: str
    profile: str | None
    allow: list[str]
    also_allow: list[str]
    deny: list[str]
    also_key: str
    before: int
    after: int
    removed: list[str]

    @classmethod
    def of(cls, step: Step) -> LayerRow:
        """The row of `step`."""
        layer = step.layer
        return cls(
            layer=layer.name,
            source=layer.source,
            key=layer.key,
            profile=layer.profile,
            allow=list(layer.allow),
            also_allow=list(layer.also_allow),
            deny=list(layer.deny),
            also_key=layer.also_key,
            before=step.before,
            after=step.after,
            removed=list(step.removed),
        )


class Removal(Result):
    """What took a tool away."""

    layer: str
    key: str
    rule: Literal["deny", "not-in-allow"]


class ToolRow(Result):
    """One tool; `fix` is the command that gives it back."""

    keeps_none: ClassVar[bool] = True

    name: str
    allowed: bool
    removed_by: Removal | None
    fix: str | None

    @classmethod
    def of(cls, told: Told) -> ToolRow:
        """The row of `told`."""
        each, by = told.decision, None
        if each.layer is not None and each.rule is not None:
            by = Removal(layer=each.layer, key=each.key or "", rule=each.rule)
        return cls(name=each.name, allowed=each.allowed, removed_by=by, fix=told.fix)


class Unavailable(Result):
    """A tool that policy leaves and that cannot work here."""

    name: str
    why: str


class ToolsExplained(Result):
    """The explanation. `total` counts every tool; `unavailable` is null where nobody looked at what can work.

    What cannot work has no row in `tools`: policy did not decide that.
    """

    keeps_none: ClassVar[bool] = True

    agent_id: str
    session_key: str
    model: str | None
    sandboxed: bool
    total: int
    allowed: list[str]
    narrowed_by: list[str]
    unavailable: list[Unavailable] | None
    layers: list[LayerRow]
    tools: list[ToolRow]

    @classmethod
    def of(cls, found: Explanation, tool: str | None = None) -> ToolsExplained:
        """The wire form of `found`; with `tool`, of the tools only that one."""
        wanted = None if tool is None else canonical(tool)
        return cls(
            agent_id=found.subject.agent_id,
            session_key=found.subject.session_key,
            model=found.subject.occasion.model,
            sandboxed=found.is_sandboxed,
            total=found.total,
            allowed=list(found.allowed),
            narrowed_by=list(found.narrowing),
            unavailable=_unavailable(found),
            layers=[LayerRow.of(step) for step in found.steps],
            tools=[
                ToolRow.of(told)
                for told in found.tools
                if wanted in (None, told.decision.name) and told.decision.name not in (found.absent or ())
            ],
        )


def _unavailable(found: Explanation) -> list[Unavailable] | None:
    return None if found.absent is None else [Unavailable(name=name, why=why) for name, why in found.absent.items()]


async def occasion_now(call: Call, key: str, agent_id: str, model: str | None = None) -> Occasion:
    """What the tools of a session go by when the caller asks; without `model` with the one that would answer."""
    session = await call.gateway.sessions.find(key)
    choices = session.choices if session else NO_CHOICES
    catalog, chosen = call.gateway.models.catalog, model or choices.model
    ref = catalog.resolve(chosen, agent_id) if chosen else catalog.default(agent_id)
    wish = ExecWish(elevated=choices.elevated, host=choices.exec_host)
    return Occasion(model=str(ref), requester=call.caller.requester, wish=wish)


@method("tools.explain", scope="operator.read", advertised=False)
async def explain_tools(call: Call, params: ExplainParams) -> ToolsExplained:
    """Every tool of a session: allowed, or removed by which key, and what gives it back.

    Without `model` it is the one that would answer now.
    """
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.session_key, params.agent_id)
    occasion = await occasion_now(call, key, agent_id, params.model)
    await gateway.toolbox.prepare(agent_id, key, occasion)
    return ToolsExplained.of(gateway.toolbox.explain(agent_id, key, occasion), params.tool)
