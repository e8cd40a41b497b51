"""`openclaw exec-policy show|preset|set`: tools.exec and the approvals document of this host in step, in one command.

Source: the original's CLI reference (approvals).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from clawfleet.cli.approvals_get import lines
from clawfleet.cli.approvals_rules import NOTE, LocalRules, effective
from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.config.change import Edit
from clawfleet.tools.exec_policy import ASKS, SECURITIES, ApprovalsDocument

PRESETS: Mapping[str, Mapping[str, str]] = {
    "yolo": {"host": "gateway", "security": "full", "ask": "off", "askFallback": "full"},
    "cautious": {"host": "gateway", "security": "allowlist", "ask": "on-miss", "askFallback": "deny"},
    "deny-all": {"host": "gateway", "security": "deny", "ask": "off", "askFallback": "deny"},
}
_IN_CONFIG = ("host", "security", "ask")
_IN_RULES = ("security", "ask", "askFallback")


@click.group("exec-policy")
def command() -> None:
    """What may run on this host: config and approvals document together."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def show_command(cli: CliContext, *, as_json: bool) -> None:
    """Show what is asked for, what this host allows, and what follows."""
    _show(cli, as_json=as_json)


@command.command("preset")
@click.argument("name", type=click.Choice(tuple(PRESETS)))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def preset_command(cli: CliContext, *, name: str, as_json: bool) -> None:
    """Apply a preset: yolo never asks, cautious asks for what is not listed, deny-all runs nothing."""
    _apply(cli, PRESETS[name])
    _show(cli, as_json=as_json, preset=name)


@command.command("set")
@click.option("--host", type=click.Choice(("auto", "sandbox", "gateway")), help="Where commands run.")
@click.option("--security", type=click.Choice(SECURITIES), help="What runs: nothing, the allowlist, everything.")
@click.option("--ask", type=click.Choice(ASKS), help="When a person is asked.")
@click.option("--ask-fallback", type=click.Choice(SECURITIES), help="What runs when nobody can be asked.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def set_command(
    cli: CliContext, *, host: str | None, security: str | None, ask: str | None, ask_fallback: str | None, as_json: bool
) -> None:
    """Set what is given, in the config and in the approvals document."""
    wanted = {"host": host, "security": security, "ask": ask, "askFallback": ask_fallback}
    given = {key: value for key, value in wanted.items() if value is not None}
    if not given:
        raise click.UsageError("Name at least one of --host, --security, --ask, --ask-fallback.")
    _apply(cli, given)
    _show(cli, as_json=as_json)


def _apply(cli: CliContext, given: Mapping[str, str]) -> None:
    def edits(source: Mapping[str, Any]) -> Sequence[Edit]:
        found = [Edit(("tools", "exec", key), given[key]) for key in _IN_CONFIG if key in given]
        says_mode = "mode" in (source.get("tools") or {}).get("exec", {})
        return [*found, Edit(("tools", "exec", "mode"), removes=True)] if says_mode else found

    edit_config(cli, edits)
    rules = LocalRules(cli)
    held = rules.read()
    defaults = {**(held.file.get("defaults") or {}), **{key: given[key] for key in _IN_RULES if key in given}}
    rules.write({**held.file, "defaults": defaults}, held.hash)
    cli.__dict__.pop("snapshot_or_error", None)  # it is another config now


def _show(cli: CliContext, *, as_json: bool, preset: str | None = None) -> None:
    held = LocalRules(cli).read()
    scopes = list(effective(cli.snapshot.config, ApprovalsDocument.model_validate(held.file)))
    if as_json:
        told = {
            "configPath": str(cli.instance.config_path),
            "approvalsPath": held.path,
            "approvalsExists": held.exists,
            "effectivePolicy": {"scopes": scopes, "note": NOTE},
        }
        print_json({"preset": preset, **told} if preset else told)
        return
    for line in lines("local", held, scopes):
        click.echo(line)
