"""`openclaw models`."""

from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_bare_models_is_models_status(openclaw: OpenClaw) -> None:
    assert openclaw("models").stdout == openclaw("models", "status").stdout


def test_what_is_not_here_is_named(openclaw: OpenClaw) -> None:
    result = openclaw("models", "accounts")
    assert result.exit_code == 2
    assert "not supported by this gateway" in result.stderr
