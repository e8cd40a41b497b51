"""Secrets that a service needs, put where it finds them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.cli.context import CliContext
from clawfleet.cli.service_token import CannotKeep, missing_in_service, settle_port, settle_token
from clawfleet.store.files import private_dir, write_private
from tests.unit.cli.conftest import Home


def context(home: Home, **environ: str) -> CliContext:
    return CliContext(environ=home.environ | environ, cwd=home.root)


def settle(home: Home, token: str | None = None, **environ: str) -> list[str]:
    one = context(home, **environ)
    return list(settle_token(one.instance, one.snapshot, token))


def auth(home: Home) -> Any:
    return json.loads(home.config_path.read_text())["gateway"].get("auth")


def test_a_token_is_made_once(home: Home) -> None:
    assert settle(home) == ["No gateway token found. Auto-generated one and saving to config."]
    made = auth(home)
    assert made["mode"] == "token"
    assert settle(home) == []
    assert auth(home) == made


@pytest.mark.parametrize(
    "text",
    [
        '{"gateway": {"mode": "local", "auth": {"token": "t"}}}',
        '{"gateway": {"mode": "local", "auth": {"mode": "password", "password": "p"}}}',
        '{"gateway": {"mode": "local", "auth": {"mode": "none"}}}',
    ],
)
def test_what_the_config_says_stays(home: Home, text: str) -> None:
    home.write_config(text)
    assert settle(home) == []
    assert home.config_path.read_text() == text


def test_a_token_that_a_gateway_made_before_stays_the_one(home: Home) -> None:
    """Else everybody who has it would be locked out."""
    write_private(private_dir(home.store_dir) / "gateway-token", "kept\n")
    assert settle(home) == []


def test_a_token_of_the_shell_is_kept_for_the_service(home: Home) -> None:
    """A service does not know what was exported here."""
    env = home.state_dir / ".env"
    env.write_text("A=1")
    (line,) = settle(home, OPENCLAW_GATEWAY_TOKEN="s3cret-of-shell")
    assert line == "OPENCLAW_GATEWAY_TOKEN was only in this shell: saved in ~/.openclaw/.env for the service"
    assert env.read_text() == "A=1\nOPENCLAW_GATEWAY_TOKEN='s3cret-of-shell'\n"
    assert env.stat().st_mode & 0o777 == 0o600
    assert not home.config_path.exists()
    assert settle(home, OPENCLAW_GATEWAY_TOKEN="s3cret-of-shell") == []


def test_what_env_files_cannot_hold_is_refused(home: Home) -> None:
    with pytest.raises(CannotKeep):
        settle(home, OPENCLAW_GATEWAY_TOKEN="a'b")


def test_a_port_of_the_command_line_is_kept_too(home: Home) -> None:
    one = context(home)
    assert list(settle_port(one.instance, one.snapshot, 19001)) == [
        "Saved gateway.port=19001 in ~/.openclaw/openclaw.json"
    ]
    two = context(home)
    assert list(settle_port(two.instance, two.snapshot, 19001)) == []
    assert list(settle_port(two.instance, two.snapshot, None)) == []
    three = context(home, OPENCLAW_GATEWAY_PORT="19002")
    assert len(list(settle_port(three.instance, three.snapshot, None))) == 1
    assert context(home).snapshot.config.gateway.port == 19002


def test_variables_of_the_config_that_only_the_shell_has(home: Home) -> None:
    (home.state_dir / ".env").write_text("KEPT=x\n")
    home.write_config('{"gateway": {"mode": "local"}, "env": {"vars": {"A": "${ONLY} ${KEPT} $${NOT} ${ABSENT}"}}}')
    one = context(home, ONLY="1", KEPT="2", NOT="3")
    assert missing_in_service(one.instance, one.snapshot) == ("ONLY",)
