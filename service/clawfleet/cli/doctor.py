"""`openclaw doctor`: what is wrong with this instance, by which evidence, and its cure. Source: config-and-cli §6.4."""

from __future__ import annotations

import sys

import click

from clawfleet.cli.checks.finding import Change
from clawfleet.cli.checks.fix import Done, mend_all
from clawfleet.cli.checks.report import done_lines, finding_lines, report_json, summary
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.checks.table import Outcome, examine
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.own_files import env_file
from clawfleet.cli.secrets_set import keep
from clawfleet.config.change import Edit, carry_out, plan_edits
from clawfleet.config.load import Snapshot
from clawfleet.config.path import look_up
from clawfleet.config.substitute import unresolved
from clawfleet.core.errors import RequestError
from clawfleet.core.ids import new_token

TOKEN_PATH = ("gateway", "auth", "token")


class OtherAuth(RequestError):
    """A new token would change nothing: the gateway is entered in another way."""

    code = "OTHER_AUTH"
    exit_code = 1


@click.command(
    "doctor",
    epilog="""\b
Examples:
  openclaw doctor                    look, change nothing
  openclaw doctor --fix              mend what can be mended
  openclaw doctor --lint --json      for CI: exit 1 when something is an error
  openclaw doctor --generate-gateway-token""",
)
@click.option("--fix", "--repair", "fix", is_flag=True, help="Mend what can be mended, and say what was changed.")
@click.option("--yes", is_flag=True, help="With --fix: ask nothing.")
@click.option("--non-interactive", is_flag=True, help="Ask nothing, also on a terminal.")
@click.option("--deep", is_flag=True, help="Look also where it takes longer.")
@click.option("--lint", is_flag=True, help="Only look; short lines, for CI.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--generate-gateway-token", "new_secret", is_flag=True, help="Give the gateway a new token first.")
@pass_cli
def command(
    cli: CliContext,
    *,
    fix: bool,
    yes: bool,
    non_interactive: bool,
    deep: bool,
    lint: bool,
    as_json: bool,
    new_secret: bool,
) -> int:
    """Say what is wrong with this instance and what mends it; exit 1 when something is an error."""
    if lint and (fix or new_secret):
        raise click.UsageError("--lint only looks; leave out --fix and --generate-gateway-token")
    scene = Scene(cli, deep=deep)
    made = [generate_token(scene)] if new_secret else []
    if made:
        scene = scene.anew()
    outcome = examine(scene)
    done: Done | None = Done(tuple(made)) if made else None
    if fix:
        asks = not (yes or non_interactive or as_json) and sys.stdin.isatty()
        mended = mend_all(outcome.findings, _ask if asks else lambda _: True)
        done = Done((*made, *mended.changes), mended.diffs, mended.failures)
        outcome = examine(scene.anew())
    if as_json:
        print_json(report_json(outcome, done))
    elif lint:
        _print_lint(outcome)
    else:
        _print(scene, outcome, done)
    return 0 if outcome.ok and not (done and done.failures) else 1


def generate_token(scene: Scene) -> Change:
    """Give the gateway a new token: in `.env` where the config names a variable for it, else in the config.

    Raises OtherAuth when the gateway is entered in another way, and what `config set` raises.
    """
    instance, token, snapshot = scene.instance, new_token(), scene.snapshot
    auth = snapshot.config.gateway.auth if snapshot else None
    if auth is not None and auth.mode not in (None, "token"):
        raise OtherAuth(
            f"gateway.auth.mode is {auth.mode}: a token would not be asked for.",
            hint="openclaw config set gateway.auth.mode token, then again",
        )
    new = "*** (see it: openclaw dashboard --no-open)"
    if snapshot is not None and (variable := _variable_of_token(snapshot)):
        keep(env_file(instance), variable, token)
        return Change(f"{scene.shown(env_file(instance))} {variable}", "***", new)
    edits = [Edit(("gateway", "auth", "mode"), "token"), Edit(TOKEN_PATH, token)]
    carry_out(instance, lambda old: plan_edits(instance, old, edits))
    return Change("gateway.auth.token", "***" if auth and auth.token else "(unset)", new)


def _variable_of_token(snapshot: Snapshot) -> str | None:
    """The variable that the config names as the gateway's token."""
    try:
        written = look_up(snapshot.source, TOKEN_PATH)
    except KeyError:
        return None
    name = unresolved(written) if isinstance(written, str) else None
    return name if written == f"${{{name}}}" else None


def _ask(question: str) -> bool:
    return click.confirm(question, default=True, err=True)


def _print(scene: Scene, outcome: Outcome, done: Done | None) -> None:
    click.echo(f"Doctor: {scene.shown(scene.instance.state_dir)}")
    if done is not None:
        click.echo()
        for line in done_lines(done):
            click.echo(line)
    for finding in outcome.findings:
        click.echo()
        for line in finding_lines(finding):
            click.echo(line)
    click.echo(f"\n{summary(outcome)}")
    if done is None and any(finding.mend for finding in outcome.findings):
        tell("Mend what can be mended: openclaw doctor --fix")


def _print_lint(outcome: Outcome) -> None:
    click.echo(f"doctor --lint: {summary(outcome)}")
    for finding in outcome.findings:
        click.echo(f"  [{finding.severity}] {finding.check_id} {finding.path} - {finding.message}")
        if finding.fix:
            click.echo(f"    fix: {finding.fix}")
