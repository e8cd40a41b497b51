"""`config.plan`: what the file would change in a running gateway."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.rpc.house import open_house


async def test_what_the_file_would_change_is_told_and_nothing_is_done(tmp_path: Path) -> None:
    async with open_house(tmp_path, {"gateway": {"auth": {"token": "the-first-token"}}}) as house:
        before, path = house.gateway.live.current, house.gateway.instance.config_path
        assert await house.call("config.plan") == {
            "path": str(path), "mode": "hybrid", "restarts": False, "changes": []
        }  # fmt: skip
        other = {
            "gateway": {"auth": {"token": "the-second-token"}, "controlUi": {"basePath": "/ui"}},
            "tools": {"profile": "coding"},
        }
        path.write_text(json.dumps(other), encoding="utf-8")
        answer = await house.call("config.plan")
        assert answer["restarts"] is True
        assert {row["path"]: (row["old"], row["new"], row["kind"]) for row in answer["changes"]} == {
            "gateway.auth.token": ("__OPENCLAW_REDACTED__", "__OPENCLAW_REDACTED__", "hot"),
            "gateway.controlUi.basePath": ("/", "/ui", "restart"),
            "tools.profile": (None, "coding", "hot"),
        }
        assert house.gateway.live.current is before


async def test_a_file_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    async with open_house(tmp_path, {}) as house:
        house.gateway.instance.config_path.write_text("{nope: 1}", encoding="utf-8")
        assert 'Unrecognized key: "nope"' in (await house.refused("config.plan"))["message"]
