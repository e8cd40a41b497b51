"""`openclaw models status`: which models are used, and where their keys come from; works without a gateway.

Keys are masked; `--check` is for scripts: 0 when every model in use has what it needs, 1 when one lacks it, 2 when a
credential in use runs out within a day. Source: models-and-auth §8.1.
"""

from __future__ import annotations

from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_auth_store import store_file
from clawfleet.cli.models_auth_stored import row_json
from clawfleet.cli.models_keys_words import provider_rows
from clawfleet.cli.models_probe import probe_lines, probed
from clawfleet.cli.models_standing import Standing, standing
from clawfleet.cli.models_status_page import page
from clawfleet.cli.output import print_json, tell


@click.command(
    "status",
    epilog="\b\nExamples:\n  openclaw models status --agent coding\n"
    "  openclaw models status --check || openclaw models scan --provider openrouter\n"
    "  openclaw models status --probe --probe-provider anthropic",
)
@click.option("--agent", metavar="ID", help="For this agent. Default: the default agent.")
@click.option("--check", is_flag=True, help="Exit 1 when a model in use lacks a key, 2 when one runs out soon.")
@click.option("--probe", is_flag=True, help="Ask each provider in use with each of its keys; costs a few tokens.")
@click.option("--probe-provider", metavar="ID", help="Probe only this provider.")
@click.option("--probe-profile", metavar="ID", multiple=True, help="Probe only this auth profile; may be repeated.")
@click.option("--probe-timeout", type=int, default=8000, metavar="MS", help="How long a probe may take.")
@click.option("--probe-concurrency", type=click.IntRange(1, 16), default=2, metavar="N", help="Probes at a time.")
@click.option("--probe-max-tokens", type=click.IntRange(1, 4096), default=8, metavar="N", help="Longest answer.")
@click.option("--plain", is_flag=True, help="Only the model's name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, /, agent: str | None, **flags: Any) -> int:
    """Say which models are used, under which names, and where keys come from."""
    found = standing(cli, agent)
    probes = _probes(cli, found, flags)
    if flags["as_json"]:
        shown = document(found)
        print_json(shown if probes is None else {**shown, "auth": {**shown["auth"], "probes": probes}})
    elif flags["plain"]:
        click.echo(found.default)
    else:
        for line in (*page(found), *(probe_lines(probes) if probes is not None else ())):
            tell(line)
    return found.code if flags["check"] else 0


def _probes(cli: CliContext, found: Standing, flags: dict[str, Any]) -> dict[str, Any] | None:
    only, profiles = flags["probe_provider"], flags["probe_profile"]
    if not (flags["probe"] or only or profiles):
        return None
    from clawfleet.models.probing import Manner

    manner = Manner(flags["probe_timeout"], flags["probe_concurrency"], flags["probe_max_tokens"], profiles)
    own = [row.provider for row in found.stored if row.id in profiles]
    return probed(cli, found.agent, [only] if only else list(dict.fromkeys(own)) or found.providers, manner)


def document(found: Standing) -> dict[str, Any]:
    """The page for scripts, with the keys that OpenClaw's command prints."""
    snapshot = found.cli.snapshot
    shell_env = snapshot.config.env.shell_env
    timed = [row for row in found.stored if row.kind != "api_key"]
    return {
        "configPath": str(found.cli.instance.config_path),
        "agentDir": str(found.cli.instance.agent_dir(found.agent)),
        "agentId": found.agent,
        "defaultModel": found.default,
        "resolvedDefault": found.route[0].ref,
        "fallbacks": list(found.fallbacks),
        "imageModel": next(iter(found.images), None),
        "imageFallbacks": list(found.images[1:]),
        "aliases": found.aliases,
        "allowed": [str(row.ref) for row in found.catalog.rows],
        "auth": {
            "storePath": str(store_file(found.cli)),
            "shellEnvFallback": {"enabled": shell_env.enabled, "appliedKeys": []},
            "providersWithOAuth": list(dict.fromkeys(row.provider for row in timed)),
            "missingProvidersInUse": list(dict.fromkeys(name.partition("/")[0] for name, _ in found.lacking)),
            "modelRouteIssues": [{"model": name, "problem": problem} for name, problem in found.lacking],
            "missing": [{"model": name, "problem": problem} for name, problem in found.lacking],
            "providers": list(provider_rows(found.catalog, found.stored)),
            "profiles": [row_json(row) for row in found.stored],
            "unusableProfiles": [row_json(row) for row in found.stored if row.resting or not row.can_answer],
            "oauth": {"warnAfterMs": 86_400_000, "profiles": [row_json(row) for row in timed]},
        },
    }
