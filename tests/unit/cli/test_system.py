"""`openclaw system presence`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, OpenClaw

ROWS = [{"text": "Gateway: box (10.0.0.1)", "mode": "gateway"}, {"mode": "webchat", "host": "laptop\u202e"}]


def test_everybody_who_is_in_has_a_line(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["system-presence"] = ROWS
    assert openclaw("system", "presence").stdout == "Gateway: box (10.0.0.1)\nlaptop\\u202e\n"


def test_as_json_it_is_what_the_gateway_said(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["system-presence"] = ROWS
    assert json.loads(openclaw("system", "presence", "--json").stdout) == ROWS
