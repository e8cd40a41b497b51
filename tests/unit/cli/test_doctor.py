"""`openclaw doctor` as people and CI run it: findings, exit codes, mending that is done once."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

BROKEN = '{\n  // mine\n  gateway: {mode: "local", prot: 19555},\n}\n'


def test_errors_end_with_one_and_say_what_mends_them(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(BROKEN)
    done = openclaw("doctor")
    assert done.exit_code == 1
    assert "✗ config.invalid  gateway" in done.stdout
    assert done.stdout.splitlines()[-1] == "Mend what can be mended: openclaw doctor --fix"
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_fix_mends_says_what_and_does_nothing_the_second_time(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(BROKEN)
    home.config_path.chmod(0o644)
    home.state_dir.chmod(0o755)
    first = openclaw("doctor", "--fix")
    assert "gateway.prot: 19555 -> (removed)" in first.stdout
    assert "~/.openclaw: 0755 -> 0700" in first.stdout
    assert '-  gateway: {mode: "local", prot: 19555},' in first.stdout
    kept = home.config_path.read_bytes()
    second = openclaw("doctor", "--fix", "--json")
    document = json.loads(second.stdout)
    assert (document["changes"], document["diff"], document["failures"]) == ([], "", [])
    assert document["ok"] is True
    assert second.exit_code == 0
    assert home.config_path.read_bytes() == kept


def test_lint_only_looks(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(BROKEN)
    done = openclaw("doctor", "--lint")
    assert done.exit_code == 1
    assert "[error] config.invalid gateway - " in done.stdout
    assert home.config_path.read_text() == BROKEN
    assert openclaw("doctor", "--lint", "--fix").exit_code == 2


def test_a_new_gateway_token_is_kept_in_the_config_and_not_shown(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{\n  // mine\n  gateway: {mode: "local"},\n}\n')
    done = openclaw("doctor", "--generate-gateway-token")
    assert "gateway.auth.token: (unset) -> ***" in done.stdout
    text = home.config_path.read_text()
    assert "// mine" in text
    token = openclaw("config", "get", "gateway.auth.mode")
    assert token.stdout == "token\n"
    again = openclaw("doctor", "--generate-gateway-token")
    assert "gateway.auth.token: *** -> ***" in again.stdout
    assert home.config_path.read_text() != text


def test_a_state_dir_that_cannot_be_used_is_said_as_json_too(openclaw: OpenClaw, home: Home) -> None:
    home.state_dir.rmdir()
    home.state_dir.write_text("")
    done = openclaw("doctor", "--json")
    assert json.loads(done.stdout)["ok"] is False


def test_a_token_that_the_config_names_a_variable_for_goes_into_env(openclaw: OpenClaw, home: Home) -> None:
    text = '{gateway: {mode: "local", auth: {token: "${GATE}"}}}'
    home.write_config(text)
    done = openclaw("doctor", "--generate-gateway-token")
    assert "~/.openclaw/.env GATE: *** -> ***" in done.stdout
    assert home.config_path.read_text() == text
    env = (home.state_dir / ".env").read_text()
    assert env.startswith("GATE=")
    assert env.removeprefix("GATE=").strip() not in done.output


def test_a_gateway_that_wants_a_password_gets_no_token(openclaw: OpenClaw, home: Home) -> None:
    text = '{gateway: {mode: "local", auth: {mode: "password", password: "${P}"}}}'
    home.write_config(text)
    done = openclaw("doctor", "--generate-gateway-token", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "OTHER_AUTH"
    assert home.config_path.read_text() == text
