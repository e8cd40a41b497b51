"""Tools that agents have not, though their operator most likely means them to. Source: tools-and-sessions §1.6."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping

from clawfleet.channels.registry import CHANNELS
from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.config.models.root import Config
from clawfleet.models.catalog import Catalog
from clawfleet.routing.roster import MAIN_AGENT
from clawfleet.tools.explain import Explanation, explain
from clawfleet.tools.layers import is_in_sandbox, layers_for
from clawfleet.tools.policy import rules_against
from clawfleet.tools.remarks import allow_lists, matches_nothing
from clawfleet.tools.subject import Occasion, Subject
from clawfleet.tools.table import names

WRITERS = frozenset({"write", "edit", "apply_patch"})


def lists(scene: Scene) -> Iterator[Finding]:
    """Lists that take more than their operator may believe."""
    assert scene.snapshot is not None
    config, environ = scene.snapshot.config, scene.snapshot.environ
    yield from trapped(config)
    yield from unknown(config)
    for agent_id in config.agents.entries or (MAIN_AGENT,):
        found = _explained(config, environ, agent_id)
        yield from speechless(config, found)
        yield from not_read_only(found)


def trapped(config: Config) -> Iterator[Finding]:
    """A full tool profile beside an allow list: the list keeps only what it names."""
    tools = config.tools
    if tools.allow and tools.profile in (None, "full") and "*" not in tools.allow:
        profile = f"tools.profile is {tools.profile}" if tools.profile else "no tools.profile is set"
        yield Finding(
            "tools.allow_narrows_full",
            "warning",
            f"{profile} (everything), and tools.allow keeps only {', '.join(tools.allow)}.",
            "tools.allow",
            evidence="an allow list never adds; tools.alsoAllow does, beside a tool profile",
            fix="openclaw config unset tools.allow",
        )


def unknown(config: Config) -> Iterator[Finding]:
    """Entries of lists that match no tool of this gateway."""
    known = names()
    for key, entries in allow_lists(config):
        idle = [entry for entry in entries if matches_nothing(entry, known) and "__" not in entry]
        if idle and not all(entry in ("group:plugins", "bundle-mcp") for entry in idle):
            text = f"{key} names what this gateway has no tool for: {', '.join(idle)}."
            fix = f"openclaw config unset {key}" if len(idle) == len(entries) else "openclaw tools explain"
            yield Finding("tools.unknown_entries", "warning", text, key, fix=fix)


def speechless(config: Config, found: Explanation) -> Iterator[Finding]:
    """An agent with a channel that may not send messages by itself."""
    channels = [name for name in CHANNELS if (section := getattr(config.channels, name)) and section.enabled]
    told = next((told for told in found.tools if told.decision.name == "message"), None)
    if channels and told is not None and not told.decision.allowed and told.decision.layer != "sandbox":
        agent_id = found.subject.agent_id
        yield Finding(
            "tools.message_not_callable",
            "warning",
            f"Agent {agent_id} answers on {', '.join(channels)}, but cannot send there by itself: "
            f"{told.decision.key} removes the message tool.",
            told.decision.key or "",
            fix=told.fix or f"openclaw tools explain --agent {agent_id} --tool message",
        )


def not_read_only(found: Explanation) -> Iterator[Finding]:
    """File tools are denied, and exec writes files all the same."""
    if "exec" not in found.allowed or found.is_sandboxed:
        return
    denied = {told.decision.name for told in found.tools if told.decision.rule == "deny"}
    for layer in (step.layer for step in found.steps):
        if writers := sorted(WRITERS & denied & {name for name in WRITERS if "deny" in rules_against(layer, name)}):
            more = json.dumps([*layer.deny, "exec", "process"])
            yield Finding(
                "tools.exec_writes_files",
                "warning",
                f"Agent {found.subject.agent_id} is denied {', '.join(writers)}, but exec is a shell and writes files: "
                "this is not read-only.",
                layer.deny_key,
                fix=f"openclaw config set {shlex.quote(layer.deny_key)} {shlex.quote(more)}",
            )
            return


def _explained(config: Config, environ: Mapping[str, str], agent_id: str) -> Explanation:
    model = str(Catalog.of(config, environ).default(agent_id))
    subject = Subject(agent_id, f"agent:{agent_id}:main", Occasion(model=model))
    return explain(names(), layers_for(config, subject), subject, is_sandboxed=is_in_sandbox(config, subject))
