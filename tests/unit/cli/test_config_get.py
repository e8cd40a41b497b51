"""`openclaw config get`: what the file says at a path."""

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


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        ("gateway.mode", "local\n"),
        ("gateway.auth.token", "__OPENCLAW_REDACTED__\n"),
        ("models.providers.x.apiKey", "${X_KEY}\n"),
        ("models.providers['x'].models[1]", '{\n  "id": "b"\n}\n'),
        ("models.providers.x.models.1.id", "b\n"),
        ("gateway.auth", '{\n  "token": "__OPENCLAW_REDACTED__"\n}\n'),
    ],
)
def test_get(openclaw: OpenClaw, home: Home, path: str, printed: str) -> None:
    """Strings bare, objects as JSON, secrets blacked out, variables as written."""
    home.write_config(FILE)
    done = openclaw("config", "get", path)
    assert (done.stdout, done.exit_code) == (printed, 0)


def test_get_json(openclaw: OpenClaw, home: Home) -> None:
    """Strings are quoted too."""
    home.write_config(FILE)
    assert openclaw("config", "get", "gateway.mode", "--json").stdout == '"local"\n'


@pytest.mark.parametrize(
    ("path", "stderr"),
    [
        (
            "gateway.port",
            "Config path is valid but unset: gateway.port. "
            "The runtime default applies until you set it (default: 18789).",
        ),
        (
            "tools.exec.host",
            "Config path is valid but unset: tools.exec.host. "
            "The runtime default applies until you set it (default: auto).",
        ),
        ("agents.defaults.workspace", "until you set it (default: ~/.openclaw/workspace)."),
        ("gateway.http", "Config path is valid but unset: gateway.http. The runtime default applies until you set it."),
        ("cron.enabled", "Config path is valid but unset: cron.enabled."),
        (
            "gateway.prot",
            "Unknown config path: gateway.prot. Run openclaw config schema to inspect valid paths.\n"
            "  did you mean gateway.port?",
        ),
        ("models.providers.x.models[-1]", "Unknown config path: models.providers.x.models[-1]."),
        ("nope.deep", "Unknown config path: nope.deep."),
        ("", "Path is empty."),
        ("a..b", "Invalid config path: a..b"),
    ],
)
def test_get_of_what_is_not_there(openclaw: OpenClaw, home: Home, path: str, stderr: str) -> None:
    """Exit code 1; unset and unknown are told apart, the default is named."""
    home.write_config(FILE)
    done = openclaw("config", "get", path)
    assert (done.stdout, done.exit_code) == ("", 1)
    assert stderr in done.stderr


def test_get_fails_in_json_too(openclaw: OpenClaw) -> None:
    """The envelope on stdout, the text on stderr."""
    done = openclaw("config", "get", "gateway.prot", "--json")
    assert json.loads(done.stdout)["error"]["type"] == "cli_error"
    assert "Unknown config path" in done.stderr


def test_the_default_port_is_the_profiles_own(openclaw: OpenClaw) -> None:
    """A default that does not apply helps nobody."""
    assert "(default: 55291)" in openclaw("config", "get", "gateway.port", OPENCLAW_PROFILE="ops").stderr


def test_without_a_file_get_shows_what_runs(openclaw: OpenClaw) -> None:
    """The built-in config."""
    assert openclaw("config", "get", "gateway.mode").stdout == "local\n"


def test_agents_are_found_under_both_names(openclaw: OpenClaw, home: Home) -> None:
    """And the section itself shows what is written."""
    home.write_config('{agents: {list: [{id: "main", name: "M"}]}}')
    assert openclaw("config", "get", "agents.entries.main.name").stdout == "M\n"
    assert json.loads(openclaw("config", "get", "agents").stdout) == {"list": [{"id": "main", "name": "M"}]}


def test_what_is_included_is_part_of_what_the_file_says(openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{ gateway: { $include: './gateway.json5' } }")
    home.config_path.with_name("gateway.json5").write_text("{ port: 4321 } // mine", encoding="utf-8")
    assert openclaw("config", "get", "gateway.port").stdout == "4321\n"
