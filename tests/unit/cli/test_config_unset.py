"""`openclaw config unset`: one key taken out."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Home, OpenClaw

FILE = """{
  // mine
  gateway: { mode: 'local', auth: { token: 's3cret' } },
  models: { providers: { x: { baseUrl: 'http://h', apiKey: '${X_KEY}', models: [{ id: 'a' }, { id: 'b' }] } } },
}
"""


def test_unset(openclaw: OpenClaw, home: Home) -> None:
    """One line; the rest stays."""
    home.write_config(FILE)
    done = openclaw("config", "unset", "gateway.auth")
    assert (done.stdout, done.exit_code) == (
        "Removed gateway.auth. Change will apply without restarting the gateway.\n",
        0,
    )
    assert home.config_path.read_text() == FILE.replace(", auth: { token: 's3cret' }", "")


@pytest.mark.parametrize("has_file", [True, False])
def test_unset_of_nothing_is_no_failure(openclaw: OpenClaw, home: Home, has_file: bool) -> None:
    """Repair lines are run blindly."""
    if has_file:
        home.write_config(FILE)
    done = openclaw("config", "unset", "tools.allow")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Config path not found: tools.allow. Nothing was changed." in done.stderr
    assert home.config_path.exists() is has_file
    assert json.loads(openclaw("config", "unset", "tools.allow", "--json").stdout)["paths"] == []
