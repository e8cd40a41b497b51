"""`openclaw models status`: which models are used, and where their keys come from; works without a gateway.

Keys are masked; `--check` is for scripts: 0 when every model in use has what it needs, 1 when one lacks it, 2 when a
credential in use runs out within a day. Source: models-and-auth §8.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_aliases import aliases_of
from clawfleet.cli.models_auth_store import store_file
from clawfleet.cli.models_auth_stored import row_json, stored_rows
from clawfleet.cli.models_choice import Choice, catalog_of, choice_of
from clawfleet.cli.models_keys_words import auth_words, provider_rows, resting_lines
from clawfleet.cli.models_probe import probe_lines, probed
from clawfleet.cli.output import print_json

if TYPE_CHECKING:
    from clawfleet.models.auth.report import ProfileReport
    from clawfleet.models.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Standing:
    """How models stand for one agent. `lacking` are (ref, what is missing) of those in use."""

    cli: CliContext
    catalog: Catalog
    agent: str | None
    default: str
    choice: Choice
    image: Choice
    aliases: dict[str, str]
    stored: list[ProfileReport]

    @property
    def expiring(self) -> list[str]:
        """The credentials in use that run out within a day."""
        first = {row.provider: row for row in reversed(self.stored) if row.can_answer}
        return [first[name].id for name in self.providers if name in first and first[name].standing == "expiring"]

    @property
    def providers(self) -> list[str]:
        """Those of the models in use."""
        return list(dict.fromkeys(name.partition("/")[0] for name in self.in_use if "/" in name))

    @property
    def in_use(self) -> list[str]:
        """The model and its fallbacks."""
        return list(dict.fromkeys([self.default, *self.choice.fallbacks]))

    @property
    def lacking(self) -> list[tuple[str, str]]:
        """What keeps a model in use from answering."""
        found = ((name, problem_with(self.catalog, name)) for name in self.in_use)
        return [(name, problem) for name, problem in found if problem]


@click.command(
    "status", epilog="\b\nExamples:\n  openclaw models status --check || openclaw models scan --provider openrouter"
)
@click.option("--agent", metavar="ID", help="For this agent. Default: the default agent.")
@click.option("--check", is_flag=True, help="Exit 1 when a model in use lacks a key, 2 when one runs out soon.")
@click.option("--probe", is_flag=True, help="Ask each provider in use with each of its keys; costs a few tokens.")
@click.option("--probe-provider", metavar="ID", help="Probe only this provider.")
@click.option("--probe-timeout", type=int, default=8000, metavar="MS", help="How long a probe may take.")
@click.option("--plain", is_flag=True, help="Only the model's name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, /, agent: str | None, **flags: Any) -> int:
    """Say which models are used, under which names, and where keys come from."""
    found = standing(cli, agent)
    probes = None
    if flags["probe"] or flags["probe_provider"]:
        only = flags["probe_provider"]
        probes = probed(cli, agent, [only] if only else found.providers, flags["probe_timeout"])
    if flags["as_json"]:
        shown = document(found)
        print_json(shown if probes is None else {**shown, "auth": {**shown["auth"], "probes": probes}})
    elif flags["plain"]:
        click.echo(found.default)
    else:
        for line in (*lines(found), *(probe_lines(probes) if probes is not None else ())):
            click.echo(line)
    if not flags["check"]:
        return 0
    return 1 if found.lacking else 2 if found.expiring else 0


def standing(cli: CliContext, agent: str | None) -> Standing:
    """How models stand. Raises ConfigError, UnknownAgent."""
    from clawfleet.cli.agents_bind import known_agent

    agent_id, catalog, source = known_agent(cli, agent), catalog_of(cli), cli.snapshot.source
    return Standing(
        cli,
        catalog,
        agent_id,
        str(catalog.default(agent_id)),
        choice_of(source, "model"),
        choice_of(source, "imageModel"),
        aliases_of(source),
        stored_rows(cli, agent_id),
    )


def problem_with(catalog: Catalog, name: str) -> str | None:
    """Why the model of that name cannot answer; None when nothing known stands in its way."""
    from clawfleet.models.catalog import UnknownModel

    try:
        return catalog.problem(catalog.resolve(name))
    except UnknownModel as error:
        return error.message


def lines(found: Standing) -> Iterator[str]:
    """The page as text."""
    instance, names = found.cli.instance, [str(row.ref) for row in found.catalog.rows]
    aliases = [f"{name} -> {ref}" for name, ref in found.aliases.items()]
    rows = [
        ("Config", instance.shown(instance.config_path)),
        ("Agent", found.agent or "-"),
        ("Default", found.default),
        (f"Fallbacks ({len(found.choice.fallbacks)})", ", ".join(found.choice.fallbacks) or "-"),
        ("Image model", found.image.primary or "-"),
        (f"Image fallbacks ({len(found.image.fallbacks)})", ", ".join(found.image.fallbacks) or "-"),
        (f"Aliases ({len(aliases)})", ", ".join(aliases) or "-"),
        (f"Configured models ({len(names)})", ", ".join(names) or "-"),
    ]
    width = max(len(name) for name, _ in rows)
    yield from (f"{name:<{width}} : {value}" for name, value in rows)
    yield ""
    yield "Auth overview"
    yield f"Auth store    : {instance.shown(store_file(found.cli))}"
    yield from (f"- {row['provider']} {auth_words(row)}" for row in provider_rows(found.catalog, found.stored))
    yield from resting_lines(found.stored)
    if lacking := found.lacking:
        yield ""
        yield "Missing"
        yield from (f"- {name}: {problem}" for name, problem in lacking)


def document(found: Standing) -> dict[str, Any]:
    """The page for scripts, with the keys that OpenClaw's command prints."""
    return {
        "configPath": str(found.cli.instance.config_path),
        "agentId": found.agent,
        "defaultModel": found.choice.primary or found.default,
        "resolvedDefault": found.default,
        "fallbacks": list(found.choice.fallbacks),
        "imageModel": found.image.primary,
        "imageFallbacks": list(found.image.fallbacks),
        "aliases": found.aliases,
        "allowed": [str(row.ref) for row in found.catalog.rows],
        "auth": {
            "providers": list(provider_rows(found.catalog, found.stored)),
            "storePath": str(store_file(found.cli)),
            "profiles": [row_json(row) for row in found.stored],
            "unusableProfiles": [row_json(row) for row in found.stored if row.resting or not row.can_answer],
            "missing": [{"model": name, "problem": problem} for name, problem in found.lacking],
        },
    }
