"""`openclaw models auth`: what it offers."""

from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_the_commands_are_told(openclaw: OpenClaw) -> None:
    told = openclaw("models", "auth", "--help").stdout
    for name in (
        "add",
        "login",
        "paste-token",
        "paste-api-key",
        "order",
        "list",
        "remove",
        "logout",
        "copy",
        "activate",
    ):
        assert f"  {name} " in told


def test_the_agent_may_be_named_before_the_command(openclaw: OpenClaw) -> None:
    words = ("models", "auth", "--agent", "main", "paste-api-key", "--provider", "groq")
    assert openclaw(*words, stdin="key-of-main\n").exit_code == 0
    assert "Agent: other" in openclaw("models", "auth", "--agent", "other", "list").stdout
    assert "automatically" in openclaw("models", "auth", "--agent", "main", "order", "get", "--provider", "groq").stdout
