"""What Prometheus scrapes."""

from pathlib import Path

import pytest

from clawfleet.server.run_metrics import RunMetrics
from tests.unit.server.served import Served, serve

PATHS = ("/metrics", "/api/diagnostics/prometheus")


@pytest.mark.parametrize("path", PATHS)
async def test_a_scrape_tells_what_was_done_to_who_shows_the_token(served: Served, path: str) -> None:
    gateway = served.house.gateway
    gateway.runs.events.listen(RunMetrics(gateway.metrics, gateway.runs.find).hear)
    await served.house.say("hello")
    async with served.connect() as client:
        await client.call("health")
        async with served.http() as http:
            reply = await http.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = reply.text.splitlines()
    assert 'openclaw_gateway_rpc_requests_total{method="health"} 1' in lines
    assert 'openclaw_queue_lane_size{lane="main"} 0' in lines
    assert "clawfleet_ready 1" in lines
    assert "clawfleet_clients 1" in lines
    assert any(line.startswith('openclaw_run_completed_total{channel="webchat",provider="demo"') for line in lines)
    assert "hello" not in reply.text


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_else_gets_one(served: Served, path: str) -> None:
    async with served.http(token=None) as http:
        assert (await http.get(path)).status_code == 401


async def test_methods_that_there_are_none_of_are_one_series(served: Served) -> None:
    async with served.connect() as client:
        for number in range(3):
            await client.request(f"made.up.{number}")
    async with served.http() as http:
        assert 'openclaw_gateway_rpc_requests_total{method="unknown"} 3' in (await http.get("/metrics")).text


async def test_what_is_broken_is_a_figure(served: Served) -> None:
    served.failing.append("telegram:default")
    async with served.http() as http:
        assert "clawfleet_ready 0" in (await http.get("/metrics")).text.splitlines()


async def test_it_can_be_turned_off(tmp_path: Path) -> None:
    async with serve(tmp_path, {"diagnostics": {"enabled": False}}) as served, served.http() as http:
        reply = await http.get("/metrics")
        assert (reply.status_code, reply.text) == (200, "")
