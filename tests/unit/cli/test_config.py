"""`openclaw config`: what it prints, where, and with which exit code. Source: config-and-cli §3 and §2.5."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyjson5
import pytest
from click.testing import CliRunner

from clawfleet.cli.context import CliContext
from clawfleet.cli.main import cli
from tests.unit.cli.conftest import Home, OpenClaw

FILE = """{
  // mine
  gateway: { mode: 'local', auth: { token: 's3cret' } },
  models: { providers: { x: { baseUrl: 'http://h', apiKey: '${X_KEY}', models: [{ id: 'a' }, { id: 'b' }] } } },
}
"""


def tree(home: Home) -> Any:
    return pyjson5.decode(home.config_path.read_text(encoding="utf-8"))


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


def test_set_changes_the_key_and_nothing_else(openclaw: OpenClaw, home: Home) -> None:
    """One line of output; comments stay; a backup beside it."""
    home.write_config(FILE)
    done = openclaw("config", "set", "gateway.auth.token", "n3w")
    assert (done.stdout, done.exit_code) == ("Updated gateway.auth.token. Restart the gateway to apply.\n", 0)
    assert home.config_path.read_text() == FILE.replace("s3cret", "n3w")
    assert home.config_path.with_name("openclaw.json.bak").read_text() == FILE


def test_set_what_is_set(openclaw: OpenClaw, home: Home) -> None:
    """The file stays byte-identical."""
    home.write_config(FILE)
    assert openclaw("config", "set", "gateway.mode", "local").stdout == "No change\n"
    assert home.config_path.read_text() == FILE


def test_set_of_a_key_without_effect(openclaw: OpenClaw, home: Home) -> None:
    """Needs no restart, and the hint says so."""
    home.write_config(FILE)
    assert (
        openclaw("config", "set", "cron.enabled", "true").stdout == "Updated cron.enabled. No gateway restart needed.\n"
    )


def test_the_first_set_makes_the_file(openclaw: OpenClaw, home: Home) -> None:
    """With what ran until then, owner-only."""
    done = openclaw("config", "set", "gateway.port", "19001")
    assert done.stderr == (
        "Created ~/.openclaw/openclaw.json with gateway.mode=local, "
        "gateway.http.endpoints.chatCompletions.enabled=true\n"
    )
    assert tree(home)["gateway"] == {
        "mode": "local",
        "http": {"endpoints": {"chatCompletions": {"enabled": True}}},
        "port": 19001,
    }
    assert home.config_path.stat().st_mode & 0o777 == 0o600


def test_a_value_that_does_not_fit(openclaw: OpenClaw, home: Home) -> None:
    """Exit code 1, the file untouched."""
    home.write_config(FILE)
    done = openclaw("config", "set", "gateway.bind", "everywhere")
    assert done.exit_code == 1
    assert "Config validation failed: gateway.bind: Invalid input (allowed: " in done.stderr
    assert home.config_path.read_text() == FILE


def test_a_value_may_start_with_a_dash(openclaw: OpenClaw, home: Home) -> None:
    """Group ids do."""
    assert openclaw("config", "set", "channels.telegram.groupAllowFrom[0]", "-100123").exit_code == 0
    assert tree(home)["channels"]["telegram"]["groupAllowFrom"] == ["-100123"]


@pytest.mark.parametrize("flag", ["--strict-json", "--json"])
def test_strict_json(openclaw: OpenClaw, flag: str) -> None:
    """Both spellings want JSON."""
    done = openclaw("config", "set", "gateway.bind", "lan", flag)
    assert done.exit_code == 1
    assert 'Could not parse "lan" as JSON for --strict-json.' in done.stderr


def test_set_answers_in_json(openclaw: OpenClaw) -> None:
    """One document with the same line in it."""
    done = openclaw("config", "set", "gateway.port", "19001", "--json")
    assert json.loads(done.stdout) == {
        "ok": True,
        "message": "Updated gateway.port. Restart the gateway to apply.",
        "paths": ["gateway.port"],
    }


def test_lists_of_models_are_protected(openclaw: OpenClaw, home: Home) -> None:
    """Refused, merged by id, or replaced."""
    home.write_config(FILE)
    line = ("config", "set", 'models.providers["x"].models', '[{"id":"b","name":"B"}]', "--json")
    refused = openclaw(*line)
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["error"]["message"] == (
        "Refusing to replace models.providers.x.models; it would remove existing entries: a. "
        "Use --merge to merge by id or --replace to replace intentionally."
    )
    assert openclaw(*line, "--merge").exit_code == 0
    assert tree(home)["models"]["providers"]["x"]["models"] == [{"id": "a"}, {"id": "b", "name": "B"}]
    assert openclaw(*line, "--replace").exit_code == 0
    assert tree(home)["models"]["providers"]["x"]["models"] == [{"id": "b", "name": "B"}]
    assert openclaw(*line, "--replace", "--merge").exit_code == 2


def test_dry_run_checks_and_writes_nothing(openclaw: OpenClaw, home: Home) -> None:
    """Also the schema."""
    home.write_config(FILE)
    good = openclaw("config", "set", "gateway.port", "1", "--dry-run")
    assert (good.stdout, good.exit_code) == (
        "Dry run successful: 1 update(s) validated against ~/.openclaw/openclaw.json.\n",
        0,
    )
    bad = openclaw("config", "set", "gateway.port", '"abc"', "--dry-run", "--json")
    report = json.loads(bad.stdout)
    assert (bad.exit_code, report["ok"], report["errors"][0]["kind"]) == (1, False, "schema")
    assert report["configPath"] == str(home.config_path)
    assert openclaw("config", "set", "gateway.port", "abc", "--dry-run").exit_code == 1
    lost = json.loads(openclaw("config", "set", "models", "{}", "--dry-run", "--json").stdout)
    assert lost["errors"][0]["kind"] == "conflict"
    assert home.config_path.read_text() == FILE


def test_an_unknown_model_is_a_warning(openclaw: OpenClaw, home: Home) -> None:
    """Set all the same: the provider may come next."""
    done = openclaw("config", "set", "agents.defaults.model.primary", "nope/x")
    assert done.exit_code == 0
    assert 'Unknown provider "nope"' in done.stderr
    assert tree(home)["agents"]["defaults"]["model"] == {"primary": "nope/x"}


def test_tools_that_go_away_are_named(openclaw: OpenClaw) -> None:
    """A whitelist takes more than people think."""
    done = openclaw("config", "set", "tools.allow", '["read"]')
    assert "the tool exec is no longer on offer: tools.allow removes it" in done.stderr


def test_other_mistakes_in_the_file_are_told_not_held_against(openclaw: OpenClaw, home: Home) -> None:
    """One can be mended after the other."""
    home.write_config("{gateway: {port: 'x'}, tools: {profile: 'y'}}")
    done = openclaw("config", "set", "gateway.port", "1")
    assert done.exit_code == 0
    assert "  ! tools.profile: Invalid input" in done.stderr


def test_unset(openclaw: OpenClaw, home: Home) -> None:
    """One line; the rest stays."""
    home.write_config(FILE)
    done = openclaw("config", "unset", "gateway.auth")
    assert (done.stdout, done.exit_code) == ("Removed gateway.auth. Restart the gateway to apply.\n", 0)
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


def test_file(openclaw: OpenClaw, home: Home) -> None:
    """Where it is or would be, for scripts."""
    assert openclaw("config", "file").stdout == f"{home.config_path}\n"
    assert json.loads(openclaw("config", "file", "--json").stdout) == {"path": str(home.config_path)}
    assert openclaw("config", "file", OPENCLAW_PROFILE="x").stdout == f"{home.root}/.openclaw-x/openclaw.json\n"


def test_a_flag_without_effect_is_said(home: Home, tmp_path: Path) -> None:
    """The state directory of the environment wins over the profile that was typed."""
    other = str(tmp_path / "other")
    context = CliContext(profile="x", environ=home.environ | {"OPENCLAW_STATE_DIR": other}, cwd=home.root)
    done = CliRunner().invoke(cli, ["config", "file"], obj=context)
    assert done.stdout == f"{other}/openclaw.json\n"
    assert done.stderr == f"! OPENCLAW_STATE_DIR={other} wins over the profile x\n"


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


def test_a_broken_file_is_explained_by_every_command(openclaw: OpenClaw, home: Home) -> None:
    """Line, column, what was expected; nothing is overwritten."""
    home.write_config("{\n  a: 1\n  b: 2\n}")
    for line in (["get", "a"], ["set", "a", "1"], ["unset", "a"], ["validate"]):
        done = openclaw("config", *line)
        assert done.exit_code != 0
        assert "openclaw.json:3 — <root>: JSON5 parse failed" in done.stderr
        assert 'at 3:3, expected "," or "}"' in done.stderr
    assert home.config_path.read_text() == "{\n  a: 1\n  b: 2\n}"


def test_a_file_that_is_not_text(openclaw: OpenClaw, home: Home) -> None:
    """Said as plainly."""
    home.config_path.write_bytes(b"\xff")
    assert "not UTF-8" in openclaw("config", "get", "a").stderr


def test_too_many_words(openclaw: OpenClaw) -> None:
    """OpenClaw's words, exit code 1."""
    done = openclaw("config", "set", "gateway.port", "1", "2")
    assert done.exit_code == 1
    assert "Too many arguments for this command." in done.stderr


def test_a_mistyped_flag(openclaw: OpenClaw, home: Home) -> None:
    """Is no value and no word too many."""
    done = openclaw("config", "set", "gateway.port", "1", "--jsn")
    assert done.exit_code == 2
    assert "No such option" in done.stderr
    assert not home.config_path.exists()


def test_read_only(openclaw: OpenClaw, home: Home) -> None:
    """OPENCLAW_CONFIG_READONLY=1 refuses writers and no readers."""
    home.write_config(FILE)
    done = openclaw("config", "set", "gateway.port", "1", OPENCLAW_CONFIG_READONLY="1")
    assert done.exit_code == 1
    assert "read-only" in done.stderr
    assert openclaw("config", "get", "gateway.mode", OPENCLAW_CONFIG_READONLY="1").exit_code == 0


def test_schema(openclaw: OpenClaw) -> None:
    """What the message about unknown paths points to."""
    assert "gateway" in json.loads(openclaw("config", "schema").stdout)["properties"]


@pytest.mark.parametrize(
    "line",
    [("validate",), ("get", "gateway.port"), ("set", "gateway.mode", "local"), ("unset", "gateway.bind")],
)
def test_a_directory_in_the_place_of_the_file_is_told(openclaw: OpenClaw, home: Home, line: tuple[str, ...]) -> None:
    home.config_path.mkdir()
    done = openclaw("config", *line)
    assert done.exit_code == 1
    assert f"cannot read {home.config_path}: Is a directory" in done.stderr
    assert "OPENCLAW_CONFIG_PATH" in done.stderr
