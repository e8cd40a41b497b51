"""`openclaw models status`: which models are used, and where their keys come from; works without a gateway.

Keys are masked; `--check` is for scripts: 0 when every model in use has what it needs, 1 when one lacks it.
Source: config-and-cli §10.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_aliases import aliases_of
from clawfleet.cli.models_choice import Choice, catalog_of, choice_of
from clawfleet.cli.output import print_json

if TYPE_CHECKING:
    from clawfleet.models.catalog import Catalog
    from clawfleet.models.setups import ProviderSetup

KEY_SHOWN = 20
"""A key of at least so many characters shows its ends."""
PLACES = "environment, .env in the state directory, models.providers.<id>.apiKey"


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
@click.option("--check", is_flag=True, help="Exit 1 when a model in use lacks a key, or is unknown.")
@click.option("--plain", is_flag=True, help="Only the model's name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, agent: str | None, *, check: bool, plain: bool, as_json: bool) -> int:
    """Say which models are used, under which names, and where keys come from."""
    found = standing(cli, agent)
    if as_json:
        print_json(document(found))
    elif plain:
        click.echo(found.default)
    else:
        for line in lines(found):
            click.echo(line)
    return 1 if check and found.lacking else 0


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
    yield f"Auth store : {PLACES}"
    yield from (f"- {row['provider']} {_auth_words(row)}" for row in _providers(found.catalog))
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
            "providers": list(_providers(found.catalog)),
            "missing": [{"model": name, "problem": problem} for name, problem in found.lacking],
        },
    }


def masked(key: str) -> str:
    """A key as it may be shown: `sk-…x9`, or nothing of a short one."""
    return f"{key[:3]}...{key[-2:]}" if len(key) >= KEY_SHOWN else "***"


def _providers(catalog: Catalog) -> Iterator[dict[str, Any]]:
    for setup in catalog.setups:
        yield {
            "provider": setup.id,
            "effective": _effective(setup),
            "source": setup.credential.source,
            "problem": setup.problem,
        }


def _effective(setup: ProviderSetup) -> dict[str, str]:
    key = setup.credential.key
    if not key:
        return {"kind": "missing" if setup.lacks_key else "none", "detail": "no key"}
    is_written = (setup.credential.source or "").startswith("models.providers.")
    return {"kind": "models.json" if is_written else "env", "detail": masked(key)}


def _auth_words(row: dict[str, Any]) -> str:
    effective = row["effective"]
    text = f"effective={effective['kind']}:{effective['detail']}"
    if row["source"]:
        text += f" | source={row['source']}"
    return f"{text} | {row['problem']}" if row["problem"] else text
