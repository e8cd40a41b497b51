"""`openclaw models auth paste-api-key|paste-token|login`: secrets come by pipe and show up nowhere."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli.models_auth_keep import BadCredential, expiry_of
from clawfleet.core.clock import now_ms
from tests.unit.cli.conftest import Home, OpenClaw

KEY = "sk-0123456789-bcdefghij"


def test_a_key_is_kept_named_in_the_config_and_never_shown(home: Home, openclaw: OpenClaw) -> None:
    done = openclaw("models", "auth", "paste-api-key", "--provider", "groq", stdin=f" {KEY}\n")
    assert done.stdout == "Auth profile: groq:manual (groq/api_key)\n", done.output
    config = home.config_path.read_text()
    assert json.loads(config)["auth"]["profiles"] == {"groq:manual": {"provider": "groq", "mode": "api_key"}}
    listed = openclaw("models", "auth", "list")
    assert "- groq:manual [groq/api_key]" in listed.stdout
    assert KEY not in done.output + config + listed.output
    status = openclaw("models", "status").stdout
    assert "effective=profiles:groq:manual" in status and "groq:manual=api-key:sk-01234...cdefghij" in status
    assert (home.store_dir / "gateway.sqlite").stat().st_mode & 0o077 == 0


def test_a_token_that_runs_out_soon_is_told_by_the_check(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"agents": {"defaults": {"model": "groq/llama-3.3-70b-versatile"}}}))
    assert openclaw("models", "status", "--check").exit_code == 1
    openclaw("models", "auth", "paste-token", "--provider", "groq", "--expires-in", "2h", stdin="tok\n")
    checked = openclaw("models", "status", "--check")
    assert checked.exit_code == 2
    assert "  - groq:manual expiring expires in" in checked.stdout
    openclaw("models", "auth", "paste-token", "--provider", "groq", "--expires-in", "365d", stdin="tok\n")
    assert openclaw("models", "status", "--check").exit_code == 0


def test_what_cannot_be_it_is_refused(openclaw: OpenClaw) -> None:
    wrong = openclaw("models", "auth", "paste-token", "--provider", "anthropic", stdin="sk-ant-api03-x\n")
    assert wrong.exit_code == 1 and "Expected token starting with sk-ant-oat01-" in wrong.output
    assert openclaw("models", "auth", "paste-api-key", "--provider", "groq", stdin="\n").exit_code != 0
    assert openclaw("models", "auth", "login", "--provider", "x", "--method", "oauth", stdin="r\n").exit_code == 2


def test_a_login_keeps_its_refresh_token(openclaw: OpenClaw) -> None:
    words = ("models", "auth", "login", "--provider", "x", "--method", "oauth", "--token-url", "http://127.0.0.1:9/t")
    assert openclaw(*words, stdin="refresh\n").stdout == "Auth profile: x:manual (x/oauth)\n"
    row = json.loads(openclaw("models", "auth", "list", "--json").stdout)["profiles"][0]
    assert (row["type"], row["status"]) == ("oauth", "ok")


def test_times_are_read() -> None:
    assert expiry_of(None) == 0
    assert abs(expiry_of("12h") - now_ms() - 12 * 3_600_000) < 5_000
    with pytest.raises(BadCredential):
        expiry_of("soon")


def test_a_login_may_replace_the_others_and_choose_the_model(home: Home, openclaw: OpenClaw) -> None:
    for name in ("groq:a", "groq:b"):
        openclaw("models", "auth", "paste-api-key", "--provider", "groq", "--profile-id", name, stdin="key-of-old\n")
    done = openclaw("models", "auth", "login", "--provider", "groq", "--force", "--set-default", stdin=f"{KEY}\n")
    assert done.stdout == (
        "Removed: groq:a, groq:b\nAuth profile: groq:manual (groq/api_key)\n"
        "Default model: groq/llama-3.3-70b-versatile\n"
    ), done.output
    assert json.loads(openclaw("models", "auth", "list", "--json").stdout)["profiles"][0]["profileId"] == "groq:manual"
    lost = openclaw("models", "auth", "login", "--provider", "x", "--set-default", stdin="key-of-x\n")
    assert lost.exit_code == 1 and "x has no model" in lost.output


def test_the_token_of_another_program_is_kept(openclaw: OpenClaw) -> None:
    done = openclaw("models", "auth", "setup-token", stdin="sk-ant-oat01-abc\n")
    assert done.stdout == "Auth profile: anthropic:manual (anthropic/token)\n"
