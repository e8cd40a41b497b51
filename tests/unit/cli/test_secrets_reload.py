from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, OpenClaw


def test_the_gateway_is_asked_and_its_warnings_are_counted(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["secrets.reload"] = {"ok": True, "warningCount": 0}
    assert openclaw("secrets", "reload").stdout == "Secrets reloaded.\n"
    own.answers["secrets.reload"] = {"ok": True, "warningCount": 2}
    assert "2 warning(s)" in openclaw("secrets", "reload").stdout
    assert json.loads(openclaw("secrets", "reload", "--json").stdout) == {"ok": True, "warningCount": 2}


def test_without_a_gateway_it_fails(openclaw: OpenClaw) -> None:
    done = openclaw("secrets", "reload", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["ok"] is False
