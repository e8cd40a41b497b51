"""`openclaw security audit`: the checks of doctor that are about openings, told as OpenClaw's audit tells them.

Source: config-and-cli §10.
"""

from __future__ import annotations

import textwrap
from typing import Any

import click

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.fix import Done, mend_all
from clawfleet.cli.checks.report import WIDTH, changes_json, done_lines
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.checks.table import CHECKS, Outcome, examine
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.core.clock import now_ms
from clawfleet.core.text import printable

WORDS = {"error": "critical", "warning": "warn", "info": "info"}
SIGNS = {"error": "✗", "warning": "!", "info": "·"}


@click.command(
    "audit",
    epilog="""\b
Examples:
  openclaw security audit
  openclaw security audit --deep --json
  openclaw security audit --fix        closes files to other users""",
)
@click.option("--deep", is_flag=True, help="Look also where it takes longer.")
@click.option("--fix", is_flag=True, help="Take modes away from others; never changes who may come in.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, *, deep: bool, fix: bool, as_json: bool) -> int:
    """Look for openings: bind and secret, origins, channels, sandboxes, file modes, secrets in plain text.

    Exit 1 when one is critical.
    """
    checks = [check for check in CHECKS if check.is_security]
    scene = Scene(cli, deep=deep)
    outcome = examine(scene, checks)
    done: Done | None = None
    if fix:
        done = mend_all(outcome.findings, lambda _: True)
        outcome = examine(scene.anew(), checks)
    if as_json:
        report = audit_json(outcome)
        print_json({"fix": _fix_json(done), "report": report} if done else report)
    else:
        _print(scene, outcome, done)
    return 0 if outcome.ok else 1


def audit_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome with the keys of OpenClaw's audit."""
    return {
        "ts": now_ms(),
        "summary": {word: outcome.count(severity) for severity, word in WORDS.items()},
        "findings": [
            {
                "checkId": finding.check_id,
                "severity": WORDS[finding.severity],
                "title": finding.message,
                "detail": _detail(finding),
                "remediation": finding.fix,
            }
            for finding in outcome.findings
        ],
    }


def summary_line(outcome: Outcome) -> str:
    """`Summary: 0 critical · 2 warn · 3 info`."""
    return "Summary: " + " · ".join(f"{outcome.count(severity)} {word}" for severity, word in WORDS.items())


def _fix_json(done: Done) -> dict[str, Any]:
    return {"ok": not done.failures, "changes": changes_json(done), "errors": list(done.failures)}


def _detail(finding: Finding) -> str:
    return " · ".join(part for part in (finding.path, finding.evidence) if part)


def _print(scene: Scene, outcome: Outcome, done: Done | None) -> None:
    click.echo("OpenClaw security audit")
    click.echo(summary_line(outcome))
    if scene.snapshot is None:
        tell("! The config cannot be used, so only files were looked at: openclaw doctor", err=True)
    if done is not None:
        for line in done_lines(done):
            click.echo(line)
    for finding in outcome.findings:
        click.echo(f"\n{SIGNS[finding.severity]} {WORDS[finding.severity].upper()} {finding.check_id}")
        for text in (finding.message, _detail(finding), f"Fix: {finding.fix}" if finding.fix else ""):
            for line in textwrap.wrap(
                printable(text), WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False
            ):
                click.echo(line)
