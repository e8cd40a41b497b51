"""`openclaw gateway call <method>`: one method of the running gateway, with parameters as JSON."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

import click

from clawfleet.cli.client import CallFailed
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.errors import GatewayError, RequestError


@click.command("call")
@click.argument("method")
@click.option("--params", metavar="JSON", help="The method's parameters: one JSON object.")
@click.option("--json", "as_json", is_flag=True, help="Print only the answer.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, method: str, params: str | None, as_json: bool) -> None:
    """Call METHOD of the running gateway and print its answer."""
    parsed = read_params(params)
    with open_gateway(context, ask) as gateway:
        try:
            answer = gateway.call(method, parsed)
        except CallFailed as error:
            hint = error.hint or _did_you_mean(method, error, gateway.hello)
            raise GatewayError(f"Gateway call failed: {error.message}", hint=hint, **error.details) from error
    if not as_json:
        click.echo(f"Gateway call: {method}")
    print_json(answer)


def _did_you_mean(method: str, error: CallFailed, hello: Mapping[str, Any]) -> str | None:
    """For a method that the gateway does not have: the nearest of those that it offers."""
    if not error.message.startswith("unknown method"):
        return None
    near = difflib.get_close_matches(method, (hello.get("features") or {}).get("methods") or (), n=1)
    return f"did you mean {near[0]}?" if near else None


def read_params(text: str | None) -> dict[str, Any] | None:
    """The object that `--params` holds; None without one. Raises RequestError (exit 2)."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise RequestError(f"--params is not JSON: {error}", hint="""for example: --params '{"limit": 5}'""") from error
    if not isinstance(value, dict):
        raise RequestError("--params must be a JSON object", hint="""for example: --params '{"limit": 5}'""")
    return value
