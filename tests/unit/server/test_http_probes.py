"""Probes: alive, started, ready; little to strangers, nothing to proxies that nobody trusts."""

import pytest

from tests.unit.server.served import Served

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP")


@pytest.mark.parametrize("path", ["/healthz", "/health"])
async def test_alive_is_said_to_everybody_without_a_token(served: Served, path: str) -> None:
    served.failing.append("gateway-draining")
    async with served.http(token=None) as http:
        reply = await http.get(path, headers={"X-Forwarded-For": "10.0.0.1"})
    assert (reply.status_code, reply.json()) == (200, {"ok": True, "status": "live"})
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/readyz", "/ready"])
async def test_ready_names_what_is_broken(served: Served, path: str) -> None:
    async with served.http(token=None) as http:
        reply = await http.get(path)
        assert (reply.status_code, reply.json()["ready"], reply.json()["failing"]) == (200, True, [])
        assert reply.json()["uptimeMs"] >= 0
        assert reply.json()["eventLoop"]["degraded"] is False
        served.failing.append("telegram:default")
        broken = await http.get(path)
    assert (broken.status_code, broken.json()["ready"], broken.json()["failing"]) == (503, False, ["telegram:default"])
    assert broken.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/startupz", "/startup"])
async def test_started_tells_the_version_until_the_gateway_drains(served: Served, path: str) -> None:
    async with served.http(token=None) as http:
        reply = await http.get(path)
        assert reply.status_code == 200
        assert reply.json() == {
            "ok": True,
            "status": "started",
            "version": "1.2.3",
            "uptimeMs": reply.json()["uptimeMs"],
        }
        served.failing.append("telegram:default")
        assert (await http.get(path)).status_code == 200
        served.failing.append("gateway-draining")
        draining = await http.get(path)
    assert (draining.status_code, draining.json()["status"], draining.json()["ok"]) == (503, "draining", False)


@pytest.mark.parametrize("header", FORWARDED)
@pytest.mark.parametrize("path", ["/readyz", "/startupz"])
async def test_through_an_unknown_proxy_nothing_is_told(served: Served, path: str, header: str) -> None:
    async with served.http(token=None) as http:
        reply = await http.get(path, headers={header: "10.0.0.1"})
    assert (reply.status_code, reply.json()["error"]["type"]) == (403, "proxy_attribution_required")


async def test_who_is_not_on_this_machine_learns_only_that_much(served: Served) -> None:
    served.failing.append("telegram:default")
    async with served.from_afar() as http:
        assert (await http.get("/readyz")).json() == {"ready": False}
        assert (await http.get("/startupz")).json() == {"ok": True, "status": "started"}


async def test_a_head_has_no_body_and_a_post_is_no_question(served: Served) -> None:
    async with served.http(token=None) as http:
        for path in ("/healthz", "/readyz", "/startupz"):
            head = await http.head(path)
            assert (head.status_code, head.content) == (200, b"")
            post = await http.post(path)
            assert (post.status_code, set(post.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


async def test_paths_are_exact(served: Served) -> None:
    async with served.http(token=None, headers={"Accept": "application/json"}) as http:
        for path in ("/healthz/", "/healthz/x", "/HEALTHZ"):
            assert (await http.get(path)).status_code == 404
