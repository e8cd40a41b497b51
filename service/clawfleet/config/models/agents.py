"""`agents`: who answers, with which model, tools and sandbox."""

import os
import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from clawfleet.config.models.base import Flag, OpenSection, Seconds, Section, Text, Whole
from clawfleet.config.models.memory import MemorySearch
from clawfleet.config.models.sandbox import Sandbox
from clawfleet.config.models.subagents import AgentSubagents, SubagentSettings
from clawfleet.config.models.tools import AgentTools

Verbose = Literal["off", "on", "full"]
Reasoning = Literal["off", "on", "stream"]

AGENT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def _default_concurrency() -> int:
    return max(8, 4 * (os.cpu_count() or 1))


class ModelChoice(Section):
    """A model ref or alias, and what to try after it. A bare string is the primary."""

    primary: Text | None = Field(None, description="Model ref `provider/model`, or an alias.")
    fallbacks: tuple[Text, ...] | None = Field(None, description="Tried in order after the primary; [] is none.")

    @model_validator(mode="before")
    @classmethod
    def _bare_string(cls, value: object) -> object:
        return {"primary": value} if isinstance(value, str) else value


class ModelOptions(OpenSection):
    """What is known about one model ref."""

    alias: Text | None = Field(None, description="Short name for the ref.")
    params: dict[str, object] = Field({}, description="Sent for this model; stronger than the provider's own.")


class ModelPolicy(Section):
    """Which models may be chosen for an agent."""

    allow: tuple[Text, ...] | None = Field(
        None,
        description="Refs, aliases, `provider/*` or `provider/prefix/*`; [] allows all. "
        "Unset: what the config names, once `agents.defaults.models` has rows.",
    )


ContextInjection = Literal["always", "continuation-skip", "never"]


class CompactionSettings(Section):
    """How a long conversation is summed up."""

    enabled: Flag = Field(
        True, description="Sum up before a turn that would not fit; one that a provider refuses as too long always is."
    )
    keep_recent_tokens: Annotated[Whole, Field(ge=0)] = Field(
        20_000, description="What stays word for word at the most; the newest exchange always does."
    )
    timeout_seconds: Seconds = Field(180, description="Longest wait for the summary.")
    model: Text | None = Field(None, description="Model ref or alias that sums up. Unset: the session's model.")


class AgentDefaults(Section):
    """What holds for every agent that does not say otherwise."""

    model: ModelChoice = Field(
        ModelChoice(), description="Model of the agents. Unset: what a configured key offers, else demo/echo."
    )
    image_model: ModelChoice = Field(
        ModelChoice(), description="Answers when there is a picture that the agent's model cannot see."
    )
    model_policy: ModelPolicy = Field(ModelPolicy(), description="Which models may be chosen in chats and requests.")
    workspace: Text | None = Field(
        None, description="Directory of the agent's files. Unset: OPENCLAW_WORKSPACE_DIR, else ~/.openclaw/workspace."
    )
    bootstrap_max_chars: Annotated[Whole, Field(ge=1)] = Field(
        20_000, description="Characters of one workspace file in the prompt; USER.md has 4000 at the most."
    )
    bootstrap_total_max_chars: Annotated[Whole, Field(ge=1)] = Field(
        60_000, description="Characters of all workspace files in the prompt."
    )
    context_injection: ContextInjection = Field(
        "always", description="Which turns carry the workspace files; `continuation-skip`: only a session's first."
    )
    context_tokens: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="Tokens that a turn may use of its model's context window. Unset: all."
    )
    compaction: CompactionSettings = Field(CompactionSettings(), description="How a long conversation is summed up.")
    timeout_seconds: Seconds = Field(172_800, description="Longest run.")
    max_concurrent: Annotated[Whole, Field(ge=1)] = Field(
        default_factory=_default_concurrency,
        description="Most runs at once.",
        json_schema_extra={"default_words": "max(8, 4 × CPUs)"},
    )
    models: dict[str, ModelOptions] = Field({}, description="Aliases and params by model ref.")
    params: dict[str, object] = Field({}, description="Sent for every model: temperature, maxTokens, cacheRetention ….")
    elevated_default: Literal["off", "on", "ask", "full"] = Field(
        "off", description="Whether commands of sandboxed sessions run on the host, for senders who may have that."
    )
    verbose_default: Verbose = Field(
        "off", description="How much chats are told of tools, where `/verbose` did not say: `on` which, `full` all."
    )
    reasoning_default: Reasoning = Field(
        "off", description="Whether what models think is shown, where `/reasoning` did not say."
    )
    memory_search: MemorySearch = Field(MemorySearch(), description="Older place of memory.search.")
    skills: tuple[Text, ...] | None = Field(None, description="Skills that agents have; [] is none. Unset: all.")
    sandbox: Sandbox = Field(Sandbox(), description="Where tools run.")
    subagents: SubagentSettings = Field(SubagentSettings(), description="How agents have others work for them.")


class AgentIdentity(Section):
    """How an agent presents itself."""

    name: Text | None = Field(None, min_length=1, description="What it calls itself, where it has no `name`.")
    theme: Text | None = Field(None, min_length=1, description="Its manner, in a few words.")
    emoji: Text | None = Field(None, min_length=1, description="Its sign.")
    avatar: Text | None = Field(None, min_length=1, description="Its picture: an address, or a file in the workspace.")


class AgentEntry(Section):
    """One agent."""

    id: Text = Field("", description="Its id; the key in `agents.entries`.")
    default: Flag = Field(False, description="Answers when nothing else is bound; else the first entry does.")
    name: Text | None = Field(None, description="Display name.")
    identity: AgentIdentity | None = Field(None, description="How it presents itself.")
    workspace: Text | None = Field(None, description="Directory of its files.")
    model: ModelChoice | None = Field(None, description="Its model instead of the default one.")
    image_model: ModelChoice | None = Field(None, description="Its model for pictures instead of the default one.")
    model_policy: ModelPolicy | None = Field(None, description="Its own list of models instead of the default one.")
    models: dict[str, ModelOptions] = Field({}, description="Its own aliases by model ref, before the default ones.")
    params: dict[str, object] = Field({}, description="Sent for every model of this agent; the strongest.")
    bootstrap_max_chars: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="Its own limit of one workspace file in the prompt."
    )
    bootstrap_total_max_chars: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="Its own limit of all workspace files in the prompt."
    )
    context_injection: ContextInjection | None = Field(
        None, description="Which of its turns carry the workspace files."
    )
    context_tokens: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="Its own share of the model's context window."
    )
    verbose_default: Verbose | None = Field(None, description="How much its chats are told of tools.")
    reasoning_default: Reasoning | None = Field(None, description="Whether what its models think is shown.")
    tools: AgentTools | None = Field(None, description="Narrows the gateway's tools for this agent.")
    skills: tuple[Text, ...] | None = Field(None, description="Its skills instead of the default ones; [] is none.")
    sandbox: Sandbox | None = Field(None, description="Wins per key over the defaults.")
    subagents: AgentSubagents | None = Field(None, description="Wins per key over the defaults.")


class Agents(Section):
    """The agents."""

    defaults: AgentDefaults = Field(AgentDefaults(), description="What holds for every agent.")
    entries: dict[str, AgentEntry] = Field(
        {}, description="Agents by id, in order. `agents.list` is read too. Empty: one agent, `main`."
    )

    @model_validator(mode="before")
    @classmethod
    def _ids_from_keys(cls, value: object) -> object:
        entries = value.get("entries") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(entries, dict):
            return value
        named = {key: {"id": key, **row} if isinstance(row, dict) else row for key, row in entries.items()}
        return {**value, "entries": named}

    @field_validator("entries")
    @classmethod
    def _plain_ids(cls, entries: dict[str, AgentEntry]) -> dict[str, AgentEntry]:
        for name in entries:
            if not AGENT_ID.fullmatch(name):
                raise ValueError(f'agent id "{name}" must be letters, digits, - and _, at most 64')
        return entries
