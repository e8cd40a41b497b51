"""`openclaw models auth`: what it offers."""

from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_the_commands_are_told(openclaw: OpenClaw) -> None:
    told = openclaw("models", "auth", "--help").stdout
    for name in ("add", "login", "paste-token", "paste-api-key", "order", "list", "remove", "logout", "copy"):
        assert f"  {name} " in told
