"""`openclaw models auth order`."""

from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def order(openclaw: OpenClaw, *words: str) -> str:
    result = openclaw("models", "auth", "order", *words)
    return result.stdout or result.output


def test_an_order_is_set_shown_and_cleared(openclaw: OpenClaw) -> None:
    for name in ("groq:a", "groq:b"):
        openclaw("models", "auth", "paste-api-key", "--provider", "groq", "--profile-id", name, stdin="k\n")
    none = "Auth profile order override: none (selecting automatically)\n"
    assert order(openclaw, "get", "--provider", "groq") == none
    both = "Auth profile order override: groq:b, groq:a\n"
    assert order(openclaw, "set", "--provider", "groq", "groq:b", "groq:a") == both
    assert order(openclaw, "get", "--provider", "groq") == both
    assert openclaw("models", "auth", "order", "set", "--provider", "groq", "groq:gone").exit_code == 1
    assert order(openclaw, "clear", "--provider", "groq") == none
    assert '"order": null' in order(openclaw, "get", "--provider", "groq", "--json")
