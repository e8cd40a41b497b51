"""How the command line speaks: JSON documents and failures, always the same way."""

from __future__ import annotations

import json
from typing import Any

import click

from clawfleet.core.errors import GatewayError


def print_json(value: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def failure_envelope(message: str, **more: Any) -> dict[str, Any]:
    """What a `--json` command prints on stdout when it fails (config-and-cli §3)."""
    return {"ok": False, "error": {"type": "cli_error", "message": message}, **more}


def print_failure(error: GatewayError, *, as_json: bool) -> None:
    """Say on stderr what failed and what mends it; with `as_json` also the envelope on stdout."""
    click.echo(f"✗ {error.message}", err=True)
    for line in (error.hint or "").splitlines():
        click.echo(f"  {line}", err=True)
    if as_json:
        print_json(failure_envelope(error.message))
