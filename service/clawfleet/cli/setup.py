"""`openclaw setup`: the config and the workspace of this instance, without a question; on a terminal as `onboard`.

Source: config-and-cli §10 (`openclaw --dev setup` works in scripts).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.onboard_flags import answers_of, takes_onboard_flags
from clawfleet.cli.output import print_json
from clawfleet.cli.setup_apply import apply


@click.command(
    "setup",
    epilog="""\b
Examples:
  openclaw --dev setup
  openclaw setup --baseline --workspace ~/work --json""",
)
@click.option("--baseline", is_flag=True, help="Only config and workspace; ask nothing, also on a terminal.")
@click.option("--wizard", is_flag=True, help="Ask everything: openclaw onboard.")
@takes_onboard_flags
@pass_cli
@click.pass_context
def command(context: click.Context, cli: CliContext, flags: Mapping[str, Any], *, as_json: bool) -> None:
    """Make config and workspace; a second time nothing changes. With --accept-risk, or on a terminal: onboard."""
    from clawfleet.cli import onboard
    from clawfleet.cli.setup_ask import is_terminal

    given = {key: value for key, value in flags.items() if key not in ("baseline", "wizard")}
    asks = is_terminal() and not (flags["non_interactive"] or as_json)
    if flags["wizard"] or (not flags["baseline"] and (asks or flags["accept_risk"])):
        context.invoke(onboard.command, **given, as_json=as_json)
        return
    answers = answers_of(given)
    done = apply(cli, answers)
    if as_json:
        print_json(onboard.document(answers, flags, done, installs=False))
    else:
        onboard.tell(cli, answers, done)
