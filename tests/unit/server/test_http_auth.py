"""Who may use the HTTP endpoints."""

from pathlib import Path

import pytest

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.access.locality import Peer
from clawfleet.server.http_auth import require_bearer
from clawfleet.server.http_errors import HttpRefusal
from tests.unit.rpc.house import TOKEN, auth
from tests.unit.server.served import Served, serve

ENABLED = {"gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}}}
UNAUTHORIZED = {"error": {"message": "Unauthorized", "type": "unauthorized"}}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_token_lets_in_whatever_the_schemes_case(served: Served, scheme: str) -> None:
    async with served.http(token=None, headers={"Authorization": f"{scheme} {TOKEN}"}) as http:
        assert (await http.get("/v1/models")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"x-api-key": TOKEN},
        {"Authorization": "Bearer caf\xe9"},
    ],
)
async def test_everything_else_is_unauthorized_in_the_words_that_clients_know(
    served: Served, headers: dict[str, str]
) -> None:
    async with served.http(token=None) as http:
        raw = {name: value.encode("latin-1") for name, value in headers.items()}
        for method, path in (("GET", f"/v1/models?token={TOKEN}"), ("POST", "/v1/chat/completions")):
            reply = await http.request(method, path, headers=raw)  # type: ignore[arg-type]
            assert (reply.status_code, reply.json()) == (401, UNAUTHORIZED)


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"])
async def test_a_proxy_that_nobody_trusts_is_turned_away_with_the_right_token_too(served: Served, header: str) -> None:
    async with served.http() as http:
        for method, path in (("GET", "/v1/models"), ("POST", "/v1/chat/completions")):
            reply = await http.request(method, path, headers={header: "10.0.0.1"})
            assert (reply.status_code, reply.json()["error"]["type"]) == (403, "proxy_attribution_required")
            assert "gateway.trustedProxies" in reply.json()["error"]["message"]


async def test_without_auth_only_foreign_web_pages_are_turned_away(tmp_path: Path) -> None:
    async with serve(tmp_path, ENABLED, authority=GatewayAuth("none")) as served, served.http(token="anything") as http:
        assert (await http.get("/v1/models")).status_code == 200
        assert (await http.get("/v1/models", headers={"Origin": "https://evil.example"})).status_code == 401
        own = await http.get("/v1/models", headers={"Origin": served.url})
        assert own.status_code == 200


def test_a_password_is_shown_like_a_token() -> None:
    password = GatewayAuth("password", "open sesame", "config")
    require_bearer(Peer("10.0.0.9", {"authorization": "Bearer open sesame"}), password)
    with pytest.raises(HttpRefusal) as caught:
        require_bearer(Peer("10.0.0.9", {"authorization": "Bearer open"}), password)
    assert caught.value.status == 401


def test_the_secret_is_in_no_refusal() -> None:
    with pytest.raises(HttpRefusal) as caught:
        require_bearer(Peer("127.0.0.1", {"authorization": "Bearer guess"}), auth())
    assert TOKEN not in str(caught.value.body)
    assert "guess" not in str(caught.value.body)
