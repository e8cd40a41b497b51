"""`openclaw approvals set`: other rules for commands, from a file or stdin. JSON5 is read too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from clawfleet.cli.approvals_rules import Rules, names_rules
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import asks_gateway
from clawfleet.core.errors import RequestError
from clawfleet.protocol.problems import first_problem
from clawfleet.tools.exec_policy import ApprovalsDocument


class BadRules(RequestError):
    """The text is no approvals document."""

    code = "APPROVALS_INVALID"
    exit_code = 1

    def __init__(self, why: str) -> None:
        super().__init__(f"these are no approvals: {why}", hint="see openclaw approvals get --json, its `file`")


@click.command("set")
@click.option("--file", "path", type=click.Path(path_type=Path), metavar="FILE", help="Where the rules are.")
@click.option("--stdin", is_flag=True, help="Read them from stdin.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
@names_rules
def command(cli: CliContext, rules: Rules, *, path: Path | None, stdin: bool, as_json: bool) -> None:
    """Replace the approvals document; it holds for the next command."""
    if (path is None) != stdin:
        raise click.UsageError("Name --file FILE or --stdin, one of them.")
    document = read_rules(sys.stdin.read() if path is None else _text(path))
    held = rules.write(document, rules.read().hash)
    if as_json:
        print_json(held.wire)
    else:
        click.echo(f"✓ Approvals written ({rules.target}): {held.path}")


def read_rules(text: str) -> dict[str, Any]:
    """The document that `text` holds. Raises BadRules."""
    import pyjson5

    try:
        tree = pyjson5.decode(text)
        ApprovalsDocument.model_validate(tree)
    except ValidationError as error:
        raise BadRules(first_problem(error)) from error
    except ValueError as error:
        raise BadRules(str(error)) from error
    return dict(tree)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRules(f"{path}: {error}") from error
