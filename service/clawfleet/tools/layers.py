"""From the config to the layers that the tools of one session must pass, in the order of tools-and-sessions §1.4.

`tools.allow` narrows what a profile gives; `alsoAllow` is what adds, and only to the profile. Decides only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clawfleet.config.models.channels import GroupRules
from clawfleet.config.models.root import Config
from clawfleet.config.models.tool_rules import ToolLists, ToolRules
from clawfleet.config.models.tools import AgentTools
from clawfleet.config.path import KeyPath, show_path
from clawfleet.sandbox.spec import Tenant, is_sandboxed, settings_for
from clawfleet.tools.catalogue import PROFILES
from clawfleet.tools.policy import Layer, LayerName, does_match
from clawfleet.tools.senders import ANYBODY, entry_for
from clawfleet.tools.subject import Subject

SANDBOX_ALLOW = (
    *("exec", "process", "read", "ls", "write", "edit", "apply_patch", "view_image"),
    *("sessions_list", "sessions_history", "sessions_search", "sessions_send", "sessions_spawn", "sessions_yield"),
    *("subagents", "session_status"),
)
"""What sandboxed sessions keep when nothing else is configured."""
SANDBOX_DENY = ("browser", "canvas", "computer", "mobile_ui", "nodes", "automations", "gateway")
READ_ONLY_DENY = ("write", "edit", "apply_patch")
"""What a sandbox that may only read its workspace cannot do."""

SUBAGENT_DENY = (
    *("gateway", "agents_list", "openclaw", "session_status", "progress_card", "automations", "message"),
    *("sessions_send", "conversations_list", "conversations_send", "conversations_turn"),
)
"""What no subagent has, whatever is configured."""
LEAF_DENY = ("subagents", "sessions_list", "sessions_history", "sessions_search", "sessions_spawn")
"""What a subagent that may not have its own subagents lacks besides."""

BUILT_IN = "built in"
"""Stands where a key would, for what no key changes."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """A section of rules and its place in the config."""

    rules: AgentTools
    path: KeyPath

    def key(self, *below: str) -> str:
        """The place of something in it, as people type it."""
        return show_path((*self.path, *below))


def layers_for(config: Config, subject: Subject) -> tuple[Layer, ...]:
    """The layers of one session, in the order they apply. Those that say nothing are left out, but for the first two.

    An agent whose id is not configured has the gateway's rules.
    """
    top = _Scope(config.tools, ("tools",))
    entry = config.agents.entries.get(subject.agent_id)
    own = _Scope(entry.tools, ("agents", "entries", subject.agent_id, "tools")) if entry and entry.tools else None
    return tuple(_layers(config, subject, top, own))


def is_in_sandbox(config: Config, subject: Subject) -> bool:
    """Whether the session's tools run in a container."""
    mode = settings_for(config.agents, subject.agent_id).mode
    return is_sandboxed(mode, Tenant(subject.agent_id, subject.session_key))


def _layers(config: Config, subject: Subject, top: _Scope, own: _Scope | None) -> Iterator[Layer]:
    model = subject.occasion.model
    yield _profile(top, own)
    yield from _provider_profile(top, own, model)
    yield _lists("global", config.tools, top.path)
    yield from _provider_lists("global-provider", top, model)
    if own is not None:
        yield _lists("agent", own.rules, own.path)
        yield from _provider_lists("agent-provider", own, model)
    yield from _group(config, subject)
    yield from _sender(top, own, subject)
    if is_in_sandbox(config, subject):
        yield from _sandbox(config, subject, top, own)
    if subject.depth > 0:
        yield from _subagent(config, subject)
    if subject.occasion.caps is not None:
        yield _caps(subject.occasion.caps)


def _profile(top: _Scope, own: _Scope | None) -> Layer:
    """An agent's profile replaces the gateway's, and so does its `alsoAllow`."""
    holder = own if own is not None and own.rules.profile else top
    adder = own if own is not None and own.rules.also_allow is not None else top
    profile = holder.rules.profile or "full"
    return Layer(
        "profile",
        "config" if holder.rules.profile else "default",
        PROFILES.get(profile, ()),
        holder.key("profile"),
        adder.rules.also_allow or (),
        "" if adder.rules.allow else adder.key("alsoAllow"),
        profile=profile,
    )


def _provider_profile(top: _Scope, own: _Scope | None, model: str | None) -> Iterator[Layer]:
    for scope in (own, top):
        if scope is not None and (found := _for_model(scope.rules.by_provider, model)) and found[1].profile:
            name, rules = found
            place = ("byProvider", name)
            yield Layer(
                "provider-profile",
                "config",
                PROFILES.get(rules.profile or "full", ()),
                scope.key(*place, "profile"),
                rules.also_allow or (),
                "" if rules.allow else scope.key(*place, "alsoAllow"),
                profile=rules.profile,
            )
            return


def _provider_lists(layer: LayerName, scope: _Scope, model: str | None) -> Iterator[Layer]:
    if found := _for_model(scope.rules.by_provider, model):
        name, rules = found
        yield _lists(layer, rules, (*scope.path, "byProvider", name))


def _for_model(rules: Mapping[str, ToolRules], model: str | None) -> tuple[str, ToolRules] | None:
    """The one entry for a model: that of the very model before that of its provider."""
    if model is None:
        return None
    named = {key.strip().lower(): (key, value) for key, value in rules.items()}
    wanted = model.lower()
    return named.get(wanted) or named.get(wanted.partition("/")[0])


def _group(config: Config, subject: Subject) -> Iterator[Layer]:
    """The rules of the group that the session belongs to: its own before those for every group."""
    if (chat := subject.chat) is None:
        return
    channel, chat_id = chat
    section = getattr(config.channels, channel, None)
    groups: Mapping[str, GroupRules] = getattr(section, "groups", None) or {}
    by_id = {key.lower(): key for key in groups}
    group_id = chat_id.lower().partition(":topic:")[0].partition(":thread:")[0]
    for key in (by_id.get(group_id), ANYBODY if ANYBODY in groups else None):
        if key is None:
            continue
        place: KeyPath = ("channels", channel, "groups", key)
        rules = groups[key]
        if found := entry_for(rules.tools_by_sender, subject.occasion.requester):
            yield _lists("group", found[1], (*place, "toolsBySender", found[0]))
            return
        if rules.tools is not None:
            yield _lists("group", rules.tools, (*place, "tools"))
            return


def _sender(top: _Scope, own: _Scope | None, subject: Subject) -> Iterator[Layer]:
    """The rules for who asks: the agent's if they name them, else the gateway's."""
    for scope in (own, top):
        if scope is not None and (found := entry_for(scope.rules.tools_by_sender, subject.occasion.requester)):
            yield _lists("sender", found[1], (*scope.path, "toolsBySender", found[0]))
            return


def _sandbox(config: Config, subject: Subject, top: _Scope, own: _Scope | None) -> Iterator[Layer]:
    """Each list of the agent replaces the gateway's. An entry that is allowed by name lifts a deny of ours."""
    scopes = [scope for scope in (own, top) if scope is not None]

    allow, allow_at = _pick(scopes, "allow")
    also, also_at = _pick(scopes, "also_allow")
    deny, deny_at = _pick(scopes, "deny")
    deny_is_ours = deny is None
    named = (*(allow or ()), *(also or ()))
    if deny is None:
        deny = tuple(name for name in SANDBOX_DENY if not any(does_match(entry, name) for entry in named))
    yield Layer(
        "sandbox",
        "default" if allow is None and also is None and deny_is_ours else "config",
        SANDBOX_ALLOW if allow is None else allow,
        allow_at.key("sandbox", "tools", "allow"),
        also or (),
        "" if allow else also_at.key("sandbox", "tools", "alsoAllow"),
        deny,
        deny_at.key("sandbox", "tools", "deny"),
        deny_is_ours,
    )
    if settings_for(config.agents, subject.agent_id).workspace_access == "ro":
        yield Layer("sandbox", "config", deny=READ_ONLY_DENY, deny_key=_access_key(config, subject.agent_id))


def _pick(scopes: Sequence[_Scope], field: str) -> tuple[tuple[str, ...] | None, _Scope]:
    """The first of the sandbox lists that is written down, and the section it stands in."""
    for scope in scopes:
        lists = scope.rules.sandbox.tools
        if field in lists.model_fields_set and getattr(lists, field) is not None:
            return getattr(lists, field), scope
    return None, scopes[-1]


def _access_key(config: Config, agent_id: str) -> str:
    entry = config.agents.entries.get(agent_id)
    own = entry is not None and entry.sandbox is not None and "workspace_access" in entry.sandbox.model_fields_set
    return show_path(("agents", *(("entries", agent_id) if own else ("defaults",)), "sandbox", "workspaceAccess"))


def _subagent(config: Config, subject: Subject) -> Iterator[Layer]:
    leaf = LEAF_DENY if subject.depth >= subject.occasion.max_depth else ()
    yield Layer("subagent", "default", allow_key=BUILT_IN, deny=(*SUBAGENT_DENY, *leaf), deny_key=BUILT_IN)
    lists = config.tools.subagents.tools
    if lists.allow or lists.deny:
        yield _lists("subagent", lists, ("tools", "subagents", "tools"))


def _caps(caps: tuple[str, ...]) -> Layer:
    """The only tools of one run; no caps at all would be None, so an empty list leaves none."""
    key = "toolsAllow of this run"
    return Layer("run", "config", caps, key, deny=() if caps else ("*",), deny_key=key)


def _lists(name: LayerName, rules: ToolLists, path: KeyPath) -> Layer:
    source: Literal["config", "default"] = "config" if rules.allow or rules.deny else "default"
    allow_key, deny_key = show_path((*path, "allow")), show_path((*path, "deny"))
    return Layer(name, source, rules.allow or (), allow_key, deny=rules.deny, deny_key=deny_key)
