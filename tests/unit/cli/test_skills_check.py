"""`openclaw skills check`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw
from tests.unit.cli.test_skills_status import put


def test_what_is_ready_and_what_lacks_what(home: Home, openclaw: OpenClaw) -> None:
    home.write_config('{"skills": {"entries": {"off": {"enabled": false}}}}')
    put(home, "notes")
    put(home, "off")
    put(home, "video", '{"openclaw": {"requires": {"env": ["NO_SUCH_VARIABLE"]}}}')
    said = openclaw("skills", "check").stdout.splitlines()
    assert said == ["1 of 3 skills are ready", "  ✓ notes", "  ✗ off: disabled", "  ✗ video: needs NO_SUCH_VARIABLE"]
    told = json.loads(openclaw("skills", "check", "--json").stdout)
    assert told["summary"] == {"total": 3, "eligible": 1, "disabled": 1, "blocked": 0, "missingRequirements": 1}
