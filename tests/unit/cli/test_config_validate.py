"""`openclaw config validate`: everything that is wrong with the file."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw

FILE = """{
  // mine
  gateway: { mode: 'local', auth: { token: 's3cret' } },
  models: { providers: { x: { baseUrl: 'http://h', apiKey: '${X_KEY}', models: [{ id: 'a' }, { id: 'b' }] } } },
}
"""


def test_validate(openclaw: OpenClaw, home: Home) -> None:
    """Good with a warning."""
    home.write_config(FILE)
    done = openclaw("config", "validate")
    warning = 'Missing env var "X_KEY" - feature using this value will be unavailable'
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        ["Config valid: ~/.openclaw/openclaw.json", "1 warning(s):", f"  ! models.providers.x.apiKey: {warning}"],
    )
    assert json.loads(openclaw("config", "validate", "--json").stdout) == {
        "valid": True,
        "path": str(home.config_path),
        "warnings": [{"path": "models.providers.x.apiKey", "message": warning}],
    }


def test_validate_a_bad_file(openclaw: OpenClaw, home: Home) -> None:
    """Every issue with its line, on stderr; exit code 1."""
    home.write_config('{\n  gateway: { prot: 1 },\n  tools: { profile: "x" },\n}')
    done = openclaw("config", "validate")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[:3] == [
        "OpenClaw config is invalid: ~/.openclaw/openclaw.json",
        '  × openclaw.json:2 — gateway: Unrecognized key: "prot" (did you mean "port"?)',
        "  × openclaw.json:3 — tools.profile: Invalid input "
        '(allowed: "minimal", "coding", "messaging", "full"), got: "x"',
    ]
    assert done.stderr.endswith("Inspect with openclaw config validate.\n")
    report = json.loads(openclaw("config", "validate", "--json").stdout)
    assert (report["ok"], report["valid"], report["error"]["type"]) == (False, False, "cli_error")
    assert [issue["path"] for issue in report["issues"]] == ["gateway", "tools.profile"]


def test_validate_a_missing_file(openclaw: OpenClaw) -> None:
    """Exit code 1."""
    done = openclaw("config", "validate")
    assert done.exit_code == 1
    assert "Config file not found: ~/.openclaw/openclaw.json" in done.stderr
