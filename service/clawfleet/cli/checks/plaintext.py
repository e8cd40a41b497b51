"""Secrets in plain text in the config: backups, bug reports and `cat` show them."""

from __future__ import annotations

from collections.abc import Iterator

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.config.path import show_path
from clawfleet.config.plaintext import plain_secrets


def plaintext(scene: Scene) -> Iterator[Finding]:
    """One note for all of them; `secrets audit` lists them one by one."""
    assert scene.snapshot is not None
    found = [show_path(secret.path) for secret in plain_secrets(scene.snapshot.source)]
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        yield Finding(
            "config.plaintext_secrets",
            "info",
            f"{len(found)} secret(s) stand in the config in plain text; .env is the place for them.",
            scene.shown(scene.instance.config_path),
            evidence=", ".join(found[:3]) + more,
            fix="openclaw secrets audit",
        )
