"""The panel of a gateway that just became ready."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.cli.panel import Typed, dashboard_url, panel
from clawfleet.runtime.options import Ready

READY = Ready(
    url="http://127.0.0.1:18789/",
    token="abc123",
    model="demo/echo",
    is_demo=True,
    state_dir=Path("/home/ana/.openclaw"),
    config_path=Path("/home/ana/.openclaw/openclaw.json"),
    config_exists=False,
    log_file=Path("/tmp/openclaw/openclaw-2026-11-21.log"),
)
TYPED = Typed("openclaw", "/home/ana/.openclaw/.env")


def test_the_panel_says_where_what_and_what_next() -> None:
    text = panel(READY, TYPED, signs_in=True)
    for part in (
        "http://127.0.0.1:18789/#token=abc123",
        "demo/echo (built-in demo",
        "/home/ana/.openclaw",
        "does not exist",
        "openclaw-2026-11-21.log",
        "openclaw agent --message hello",
        "/home/ana/.openclaw/.env",
        "Gateway ready\n",
    ):
        assert part in text
    assert "\x1b" not in text
    assert text.endswith("\n")


def test_with_a_real_model_the_panel_does_not_advertise_keys() -> None:
    text = panel(replace(READY, is_demo=False, model="openai/gpt-5.2", config_exists=True), TYPED)
    assert "API_KEY" not in text
    assert "openclaw logs --follow" in text
    assert "does not exist" not in text


def test_a_model_that_cannot_answer_is_told_before_anybody_asks_it() -> None:
    text = panel(replace(READY, is_demo=False, model="nope/x", model_problem="Unknown provider"), TYPED)
    assert "nope/x (cannot answer: Unknown provider)" in text


@pytest.mark.parametrize("width", [40, 120])
def test_on_a_terminal_the_address_stays_in_one_piece(width: int) -> None:
    """A wrapped URL cannot be clicked or copied."""
    text = panel(READY, TYPED, width=width, signs_in=True)
    assert "\x1b[" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "Dashboard: http://127.0.0.1:18789/#token=abc123\n" in plain
    assert "Gateway ready" in plain


def test_markup_in_a_path_is_only_text() -> None:
    text = panel(replace(READY, state_dir=Path("/srv/[red]x")), TYPED, width=80)
    assert "/srv/[red]x" in text


def test_what_is_no_terminal_gets_the_command_for_the_token_and_not_the_token() -> None:
    """Such as the log of a container."""
    text = panel(READY, TYPED)
    assert "abc123" not in text
    assert "Dashboard: http://127.0.0.1:18789/\n" in text
    assert "  openclaw dashboard --no-open " in text
    assert "dashboard" not in panel(replace(READY, token=None), TYPED)


def test_without_a_token_the_address_is_bare() -> None:
    assert dashboard_url(replace(READY, token=None)) == "http://127.0.0.1:18789/"
