"""`openclaw config file`: where the file is."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

FILE = """{
  // mine
  gateway: { mode: 'local', auth: { token: 's3cret' } },
  models: { providers: { x: { baseUrl: 'http://h', apiKey: '${X_KEY}', models: [{ id: 'a' }, { id: 'b' }] } } },
}
"""


def test_file(openclaw: OpenClaw, home: Home) -> None:
    """Where it is or would be, for scripts."""
    assert openclaw("config", "file").stdout == f"{home.config_path}\n"
    assert json.loads(openclaw("config", "file", "--json").stdout) == {"path": str(home.config_path)}
    assert openclaw("config", "file", OPENCLAW_PROFILE="x").stdout == f"{home.root}/.openclaw-x/openclaw.json\n"
