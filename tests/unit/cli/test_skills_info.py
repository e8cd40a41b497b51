"""`openclaw skills info`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw
from tests.unit.cli.test_skills_status import put


def test_what_it_needs_and_what_is_there(home: Home, openclaw: OpenClaw) -> None:
    home.write_config('{"skills": {"entries": {"notes": {"enabled": true}}}}')
    put(home, "notes", '{"openclaw": {"requires": {"bins": ["sh", "no-such-program"]}}}')
    said = openclaw("skills", "info", "notes").stdout
    assert "notes: needs no-such-program" in said and "Programs: ✓ sh, ✗ no-such-program" in said
    assert "Models are told of it: no" in said
    assert json.loads(openclaw("skills", "info", "notes", "--json").stdout)["name"] == "notes"
