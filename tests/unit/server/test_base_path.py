"""The Control UI below a prefix, everything else there and at the root."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.server.served import Served, serve

PAGE = {"Accept": "text/html,*/*"}
CONFIG = {
    "gateway": {"controlUi": {"basePath": "/openclaw/"}, "http": {"endpoints": {"chatCompletions": {"enabled": True}}}}
}


@pytest.fixture
async def below(tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path, CONFIG) as served:
        yield served


async def test_the_page_and_its_files_lie_below_the_prefix(below: Served) -> None:
    async with below.http() as http:
        led = await http.get("/openclaw?session=main", headers=PAGE)
        assert (led.status_code, led.headers["location"]) == (302, "/openclaw/?session=main")
        page = await http.get("/openclaw/", headers=PAGE)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert '"/openclaw/assets/app.js"' in page.text
        assert '"/assets/' not in page.text
        assert (await http.get("/openclaw/assets/app.js")).status_code == 200
        assert (await http.get("/openclaw/settings", headers=PAGE)).status_code == 200
        assert (await http.get("/openclaw/control-ui-config.json")).json()["basePath"] == "/openclaw"


@pytest.mark.parametrize("path", ["/", "/assets/app.js", "/openclawed", "/settings"])
async def test_elsewhere_there_is_no_page_but_the_way_to_it(below: Served, path: str) -> None:
    async with below.http() as http:
        lost = await http.get(path, headers=PAGE)
    assert (lost.status_code, lost.text) == (404, "Not Found: the Control UI is at /openclaw/")


@pytest.mark.parametrize("prefix", ["", "/openclaw"])
async def test_probes_and_api_answer_at_the_root_and_below(below: Served, prefix: str) -> None:
    async with below.http() as http:
        assert (await http.get(f"{prefix}/healthz")).json()["status"] == "live"
        assert (await http.get(f"{prefix}/v1/models")).json()["object"] == "list"
        assert (await http.get(f"{prefix}/v1/nothing", headers=PAGE)).json()["error"]["type"] == "not_found"
