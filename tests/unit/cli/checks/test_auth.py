from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli.checks.conftest import Look, local
from tests.unit.cli.conftest import Home

LONG = "0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("gateway", "environ", "expected"),
    [
        ({"auth": {"token": LONG}}, {}, set()),
        ({}, {}, set()),
        ({"auth": {"token": "short"}}, {}, {"gateway.token_too_short"}),
        ({}, {"OPENCLAW_GATEWAY_TOKEN": "short"}, {"gateway.token_too_short"}),
        ({"auth": {"mode": "password", "password": "short"}}, {}, {"gateway.password_too_short"}),
        ({"auth": {"token": "${NOWHERE}"}}, {}, {"gateway.auth_unresolved"}),
        ({"auth": {"mode": "none"}}, {}, {"gateway.loopback_no_auth"}),
        ({"auth": {"token": LONG}}, {"OPENCLAW_GATEWAY_TOKEN": LONG[::-1]}, {"gateway.auth_differs_from_env"}),
    ],
)
def test_secrets_of_the_gateway(
    home: Home, look: Look, gateway: dict[str, Any], environ: dict[str, str], expected: set[str]
) -> None:
    home.write_config(json.dumps(local(**gateway)))
    found = look("auth/secret", environ)
    assert set(found) == expected
    assert "short" not in " ".join(finding.evidence + finding.message for finding in found.values())


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        ({}, {}),
        ({"bind": "lan"}, {"gateway.bind_no_auth": "error"}),
        ({"bind": "lan", "auth": {"token": LONG}}, {"gateway.bind_network_accessible": "warning"}),
        ({"bind": "10.0.0.7", "auth": {"token": LONG}}, {"gateway.bind_network_accessible": "warning"}),
        ({"bind": "lan", "auth": {"token": LONG}, "tls": {"enabled": True}}, {}),
        ({"allowRealIpFallback": True}, {"gateway.real_ip_fallback_enabled": "warning"}),
        ({"tailscale": {"mode": "funnel"}}, {"gateway.tailscale_funnel": "error"}),
        (
            {"auth": {"mode": "trusted-proxy", "trustedProxy": {"userHeader": "x-user"}}},
            {"gateway.trusted_proxy_no_proxies": "error", "gateway.trusted_proxy_no_allowlist": "warning"},
        ),
        (
            {"controlUi": {"dangerouslyAllowHostHeaderOriginFallback": True}},
            {"gateway.control_ui.host_header_origin_fallback": "warning"},
        ),
        ({"controlUi": {"allowedOrigins": ["*"]}}, {"gateway.control_ui.allowed_origins_wildcard": "warning"}),
    ],
)
def test_who_can_reach_the_port(home: Home, look: Look, gateway: dict[str, Any], expected: dict[str, str]) -> None:
    home.write_config(json.dumps(local(**gateway)))
    assert {check_id: finding.severity for check_id, finding in look("auth/exposure").items()} == expected
