"""The shared secret: where it comes from, and who is let in."""

from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.gateway_auth import (
    GatewayAuth,
    NoSecret,
    UnsafeTailscale,
    check_tailscale,
    kept_token,
    resolve_auth,
)
from clawfleet.config.load import Snapshot
from clawfleet.config.models.gateway import Gateway
from clawfleet.config.models.root import Config
from clawfleet.protocol.handshake import Client, Credentials

CLI = Client.model_validate({"id": "cli", "version": "1", "platform": "linux", "mode": "cli"})
UI = Client.model_validate({"id": "openclaw-control-ui", "version": "1", "platform": "x", "mode": "webchat"})


def snapshot(auth: dict[str, Any], **environ: str) -> Snapshot:
    config = Config.model_validate({"gateway": {"auth": auth}})
    return Snapshot(Path("openclaw.json"), True, "", {}, config, (), environ)


def test_a_token_is_made_once_and_kept_owner_only(tmp_path: Path) -> None:
    first = resolve_auth(snapshot({}), tmp_path)
    assert resolve_auth(snapshot({}), tmp_path).secret == first.secret == kept_token(tmp_path)
    assert (tmp_path / "gateway-token").stat().st_mode & 0o777 == 0o600


def test_flag_beats_config_beats_environment_beats_the_kept_one(tmp_path: Path) -> None:
    resolve_auth(snapshot({}), tmp_path)
    both = snapshot({"token": "from-config"}, OPENCLAW_GATEWAY_TOKEN="from-env")
    assert resolve_auth(both, tmp_path, token="from-flag").secret == "from-flag"
    assert resolve_auth(both, tmp_path).secret == "from-config"
    assert resolve_auth(snapshot({}, OPENCLAW_GATEWAY_TOKEN="from-env"), tmp_path).secret == "from-env"


def test_an_unresolved_variable_fails_closed_and_names_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(NoSecret, match="OPENCLAW_GATEWAY_TOKEN; not set in process env") as caught:
        resolve_auth(snapshot({"token": "${OPENCLAW_GATEWAY_TOKEN}"}), tmp_path)
    assert caught.value.exit_code == 78
    assert kept_token(tmp_path) is None


def test_password_mode_needs_a_password(tmp_path: Path) -> None:
    with pytest.raises(NoSecret, match="no password is configured"):
        resolve_auth(snapshot({"mode": "password"}), tmp_path)
    auth = resolve_auth(snapshot({"password": "pw"}), tmp_path)
    assert (auth.mode, auth.secret) == ("password", "pw")


def test_the_secret_is_found_in_either_field_and_nothing_else_is() -> None:
    auth = GatewayAuth("token", "s3cret")
    assert auth.check(Credentials(token="s3cret"), CLI, local=True) is None
    assert auth.check(Credentials(token="wrong", password="s3cret"), CLI, local=True) is None
    for shown in (None, "", "s3cre", "s3cret "):
        assert not auth.admits(shown)
    assert GatewayAuth("none").admits(None)


@pytest.mark.parametrize(
    ("client", "local", "shown", "code", "hint"),
    [
        (CLI, True, "bad", "AUTH_TOKEN_MISMATCH", "use this gateway's gateway.auth.token or pair the device"),
        (CLI, False, "bad", "AUTH_TOKEN_MISMATCH", "set gateway.remote.token to match gateway.auth.token"),
        (UI, True, "bad", "AUTH_TOKEN_MISMATCH", "open the dashboard URL and paste the token in Control UI settings"),
        (CLI, True, None, "AUTH_TOKEN_MISSING", "use this gateway's"),
    ],
)
def test_a_refusal_says_what_this_client_can_do(
    client: Client, local: bool, shown: str | None, code: str, hint: str
) -> None:
    denied = GatewayAuth("token", "s3cret").check(Credentials(token=shown), client, local=local)
    assert denied is not None
    assert denied.details["code"] == code
    assert hint in denied.message
    assert "s3cret" not in denied.message


def test_the_secret_is_in_no_repr() -> None:
    assert "s3cret" not in repr(GatewayAuth("token", "s3cret"))


def test_the_secret_of_another_auth_can_be_adopted() -> None:
    auth = GatewayAuth("token", "first", "config")
    assert not auth.adopt(GatewayAuth("token", "first", "environment"))
    assert auth.adopt(GatewayAuth("token", "second", "config"))
    assert (auth.admits("first"), auth.admits("second"), auth.source) == (False, True, "config")


@pytest.mark.parametrize(
    ("section", "mode", "words"),
    [
        ({"tailscale": {"mode": "funnel"}}, "token", "tailscale funnel requires gateway auth mode=password"),
        ({"tailscale": {"mode": "funnel"}}, "password", None),
        ({"tailscale": {"mode": "serve"}}, "token", None),
        ({}, "none", None),
    ],
)
def test_funnel_is_for_those_who_know_the_password(section: dict[str, Any], mode: Any, words: str | None) -> None:
    gateway = Gateway.model_validate(section)
    if words is None:
        check_tailscale(gateway, mode)
        return
    with pytest.raises(UnsafeTailscale, match=words) as caught:
        check_tailscale(gateway, mode)
    assert caught.value.exit_code == 78
