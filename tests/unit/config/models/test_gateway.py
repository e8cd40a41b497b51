"""The front door's settings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from clawfleet.config.models.gateway import Gateway, GatewayAuth


def test_defaults() -> None:
    """Loopback on the well-known port, page on, endpoints off."""
    gateway = Gateway()
    assert (gateway.mode, gateway.port, gateway.bind) == (None, 18789, "loopback")
    assert gateway.control_ui.enabled
    assert not gateway.http.endpoints.chat_completions.enabled


def test_two_secrets_need_a_mode() -> None:
    """Either alone, or both with a mode, is fine."""
    with pytest.raises(ValidationError, match=r"gateway\.auth\.mode is unset"):
        GatewayAuth(token=SecretStr("a"), password=SecretStr("b"))
    assert GatewayAuth(mode="token", token=SecretStr("a"), password=SecretStr("b")).mode == "token"


def test_custom_needs_its_host() -> None:
    """Otherwise nobody knows where to listen."""
    with pytest.raises(ValidationError, match=r"gateway\.customBindHost is unset"):
        Gateway(bind="custom")
    assert Gateway(bind="custom", custom_bind_host="192.0.2.1").custom_bind_host == "192.0.2.1"


@pytest.mark.parametrize("row", [{"port": 0}, {"port": 65536}, {"mode": "x"}, {"bind": "everywhere"}, {"extra": 1}])
def test_refused(row: dict[str, Any]) -> None:
    """Ports and words outside the list."""
    with pytest.raises(ValidationError):
        Gateway.model_validate(row)


def test_secrets_are_secret() -> None:
    """In a repr and in JSON."""
    auth = GatewayAuth(token=SecretStr("s3cret"))
    assert "s3cret" not in repr(auth) + auth.model_dump_json()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"bind": "lan"}, "must resolve to loopback when gateway.tailscale.mode=serve"),
        ({"bind": "auto"}, 'use gateway.bind="loopback" or gateway.bind="custom"'),
        ({"bind": "custom", "customBindHost": "10.0.0.5"}, "must resolve to loopback"),
        ({"bind": "tailnet", "tailscale": {"mode": "funnel"}}, "when gateway.tailscale.mode=funnel"),
        ({"auth": {"mode": "none"}}, "gateway.auth.mode=none cannot be used with gateway.tailscale.mode=serve"),
        ({"auth": {"mode": "none"}, "tailscale": {"mode": "funnel"}}, "funnel requires gateway.auth.mode=password"),
    ],
)
def test_tailscale_leads_to_a_gateway_on_loopback_that_asks_who_comes(row: dict[str, Any], words: str) -> None:
    """Whatever it is that keeps it from doing so, its name and the cure are said."""
    with pytest.raises(ValidationError) as caught:
        Gateway.model_validate({"tailscale": {"mode": "serve"}} | row)
    assert words in str(caught.value)


@pytest.mark.parametrize("row", [{}, {"bind": "custom", "customBindHost": "127.0.0.1"}, {"bind": "tailnet"}])
def test_tailscale_may_serve(row: dict[str, Any]) -> None:
    """Loopback, and the pair that older files have."""
    assert Gateway.model_validate({"tailscale": {"mode": "serve"}} | row).tailscale_conflict is None
