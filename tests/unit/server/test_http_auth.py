"""Who may use the HTTP endpoints."""

from pathlib import Path

import pytest

from clawfleet.access.gateway_auth import GatewayAuth
from tests.support.gateway import merged
from tests.unit.rpc.house import TOKEN
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


async def test_a_password_is_shown_like_a_token(tmp_path: Path) -> None:
    password = GatewayAuth("password", "open sesame", "config")
    async with serve(tmp_path, ENABLED, authority=password) as served:
        for shown, status in (("open sesame", 200), ("open", 401)):
            async with served.http(token=shown) as http:
                assert (await http.get("/v1/models")).status_code == status


async def test_who_guesses_from_afar_is_locked_out_with_the_right_token_too(tmp_path: Path) -> None:
    config = merged(ENABLED, {"gateway": {"auth": {"rateLimit": {"maxAttempts": 3, "lockoutMs": 120_000}}}})
    async with serve(tmp_path, config, authority=GatewayAuth("token", TOKEN)) as served:
        async with served.from_afar("guess") as http:
            assert [(await http.get("/v1/models")).status_code for _ in range(3)] == [401] * 3
        async with served.from_afar(None) as http:
            assert (await http.get("/v1/models")).status_code == 401  # shows nothing: no guess
        async with served.from_afar(TOKEN) as http:
            locked = await http.get("/v1/models")
        assert locked.status_code == 429
        assert int(locked.headers["retry-after"]) in range(110, 121)
        text = "Too many failed authentication attempts. Please try again later."
        assert locked.json() == {"error": {"message": text, "type": "rate_limited"}}
        async with served.http() as here:
            assert (await here.get("/v1/models")).status_code == 200


PROXIED = {
    "gateway": {
        "trustedProxies": ["203.0.113.9"],
        "auth": {"mode": "trusted-proxy", "trustedProxy": {"userHeader": "x-user"}},
        "http": {"endpoints": {"chatCompletions": {"enabled": True}}},
    }
}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-forwarded-for": "198.51.100.7", "x-user": "ann"}, 200),
        ({"x-forwarded-for": "198.51.100.7", "x-user": "ann", "x-openclaw-scopes": "operator.write"}, 200),
        ({"x-forwarded-for": "198.51.100.7", "x-user": "ann", "x-openclaw-scopes": "operator.read"}, 403),
        ({"x-forwarded-for": "198.51.100.7", "x-user": "ann", "origin": "https://evil.example"}, 401),
        ({"x-forwarded-for": "198.51.100.7"}, 401),
        ({"x-user": "ann"}, 200),
        ({"x-forwarded-for": "127.0.0.1", "x-user": "ann"}, 403),
        ({"x-forwarded-for": "garbage", "x-user": "ann"}, 403),
    ],
)
async def test_the_users_of_a_trusted_proxy_come_in_without_a_secret(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with serve(tmp_path, PROXIED, authority=GatewayAuth("trusted-proxy")) as served, served.from_afar() as http:
        reply = await http.get("/v1/models", headers=headers)
        assert reply.status_code == status, reply.text


async def test_the_secret_is_in_no_refusal(served: Served) -> None:
    async with served.http(token="guess") as http:
        reply = await http.get("/v1/models")
    assert reply.status_code == 401
    assert TOKEN not in reply.text
    assert "guess" not in reply.text
