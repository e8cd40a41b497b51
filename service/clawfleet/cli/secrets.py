"""`openclaw secrets`: where secrets are written, and where they should not be. Source: config-and-cli §8."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {
    "set": Lazy("clawfleet.cli.secrets_set", "Keep a secret in the instance's .env file."),
    "audit": Lazy("clawfleet.cli.secrets_audit", "Look for secrets in plain text and for variables that are not set."),
    "apply": Lazy("clawfleet.cli.secrets_apply", "Put references in place of secrets, by a plan."),
    "reload": Lazy("clawfleet.cli.secrets_reload", "Let the running gateway read its secrets again."),
}


@click.group("secrets", cls=Family, table=TABLE, unsupported=frozenset({"configure", "store"}))
def command() -> None:
    """Where secrets are written, and where they should not be."""
