"""`openclaw config set`: one key changed, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyjson5
import pytest

from tests.unit.cli.conftest import Home, OpenClaw

FILE = """{
  // mine
  gateway: { mode: 'local', auth: { token: 's3cret' } },
  models: { providers: { x: { baseUrl: 'http://h', apiKey: '${X_KEY}', models: [{ id: 'a' }, { id: 'b' }] } } },
}
"""


def tree(home: Home) -> Any:
    return pyjson5.decode(home.config_path.read_text(encoding="utf-8"))


def test_set_changes_the_key_and_nothing_else(openclaw: OpenClaw, home: Home) -> None:
    """One line of output; comments stay; a backup beside it."""
    home.write_config(FILE)
    done = openclaw("config", "set", "gateway.auth.token", "n3w")
    assert (done.stdout, done.exit_code) == (
        "Updated gateway.auth.token. Change will apply without restarting the gateway.\n",
        0,
    )
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
        "message": "Updated gateway.port. Restart the gateway to apply. A running one does so by itself.",
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
    assert "no longer on offer: " in done.stderr and "(tools.allow); see openclaw tools explain" in done.stderr


def test_other_mistakes_in_the_file_are_told_not_held_against(openclaw: OpenClaw, home: Home) -> None:
    """One can be mended after the other."""
    home.write_config("{gateway: {port: 'x'}, tools: {profile: 'y'}}")
    done = openclaw("config", "set", "gateway.port", "1")
    assert done.exit_code == 0
    assert "  ! tools.profile: Invalid input" in done.stderr


def test_read_only(openclaw: OpenClaw, home: Home) -> None:
    """OPENCLAW_CONFIG_READONLY=1 refuses writers and no readers."""
    home.write_config(FILE)
    done = openclaw("config", "set", "gateway.port", "1", OPENCLAW_CONFIG_READONLY="1")
    assert done.exit_code == 1
    assert "read-only" in done.stderr
    assert openclaw("config", "get", "gateway.mode", OPENCLAW_CONFIG_READONLY="1").exit_code == 0


PROVIDER = """[
  { path: "models.providers.x.baseUrl", value: "http://h/v1" },
  { path: "models.providers.x.models", value: [{ id: "m" }] },
  { path: "models.providers.x.apiKey", ref: { source: "env", provider: "default", id: "X_KEY" } },
]"""


@pytest.mark.parametrize("by_file", [True, False])
def test_a_batch_is_written_at_once(openclaw: OpenClaw, home: Home, tmp_path: Path, by_file: bool) -> None:
    """Several keys, one validation at the end, one write."""
    home.write_config("{ gateway: { mode: 'local' } } // mine\n")
    (tmp_path / "batch.json").write_text(PROVIDER, encoding="utf-8")
    words = ("--batch-file", str(tmp_path / "batch.json")) if by_file else ("--batch-json", PROVIDER)
    done = openclaw("config", "set", *words)
    assert done.stdout == "Updated 3 config paths. Change will apply without restarting the gateway.\n"
    assert list(tree(home)["models"]["providers"]["x"]) == ["baseUrl", "models", "apiKey"]
    assert len(list(home.state_dir.glob("openclaw.json.bak*"))) == 1


def test_a_batch_with_one_mistake_writes_nothing(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(FILE)
    done = openclaw("config", "set", "--batch-json", "[{path: 'gateway.port', value: 1}, {path: 'nope', value: 2}]")
    assert (done.exit_code, tree(home)) == (1, pyjson5.decode(FILE))
    assert 'Unrecognized key: "nope"' in done.stderr


def test_a_secret_ref_is_built_from_flags(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(FILE)
    done = openclaw("config", "set", "gateway.auth.token", "--ref-source", "env", "--ref-id", "MY_TOKEN")
    assert done.exit_code == 0
    assert tree(home)["gateway"]["auth"]["token"] == {"source": "env", "provider": "default", "id": "MY_TOKEN"}
    shown = openclaw("config", "get", "gateway.auth.token")
    assert json.loads(shown.stdout)["id"] == "MY_TOKEN"


def test_a_dry_run_looks_whether_refs_can_be_had(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(FILE)
    line = ("config", "set", "gateway.auth.token", "--ref-source", "env", "--ref-id", "NOT_SET", "--dry-run")
    done = openclaw(*line, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"], report["refsChecked"], report["inputModes"]) == (1, False, 1, ["builder"])
    assert report["errors"][0]["kind"] == "resolvability"
    assert "NOT_SET is not set" in report["errors"][0]["message"]
    plain = openclaw(*line)
    assert (plain.exit_code, plain.stdout) == (1, "")
    assert "NOT_SET is not set" in plain.stderr
    assert tree(home) == pyjson5.decode(FILE)


def test_a_dry_run_leaves_programs_alone(openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{secrets: {providers: {t: {source: 'exec', command: '/nowhere/tool'}}}}")
    line = ("config", "set", "gateway.auth.token", "--ref-source", "exec", "--ref-provider", "t", "--ref-id", "a")
    report = json.loads(openclaw(*line, "--dry-run", "--json").stdout)
    assert (report["ok"], report["skippedExecRefs"]) == (True, 1)
    assert report["checks"]["resolvabilityComplete"] is False
    asked = openclaw(*line, "--dry-run", "--json", "--allow-exec")
    assert asked.exit_code == 1
    assert "cannot run /nowhere/tool" in json.loads(asked.stdout)["errors"][0]["message"]


def test_compare_and_set(openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{gateway: {port: 18789}}")
    stale = openclaw("config", "set", "gateway.port", "1", "--expect-current-json", "1234")
    assert stale.exit_code == 1
    assert "The config file changed while this command was writing" in stale.stderr
    assert openclaw("config", "set", "gateway.bind", "lan", "--expect-current-absent").exit_code == 0
    assert openclaw("config", "set", "gateway.port", "19001", "--expect-current-json", "18789").exit_code == 0
    assert tree(home)["gateway"] == {"port": 19001, "bind": "lan"}
    mixed = openclaw("config", "set", "--batch-json", "[]", "--expect-current-absent")
    assert (mixed.exit_code, "exclude each other" in mixed.stderr) == (2, True)


def test_what_an_included_file_holds_is_changed_there(openclaw: OpenClaw, home: Home) -> None:
    """The root stays byte for byte; what no single file owns is refused."""
    text = "{ gateway: { $include: './gateway.json5' }, tools: { $include: ['./a.json5', './b.json5'] } } // root"
    home.write_config(text)
    for name, words in (("gateway", "{ port: 1, /* mine */ mode: 'local' }"), ("a", "{}"), ("b", "{}")):
        home.config_path.with_name(f"{name}.json5").write_text(words, encoding="utf-8")
    assert openclaw("config", "set", "gateway.port", "2").exit_code == 0
    assert home.config_path.read_text(encoding="utf-8") == text
    included = home.config_path.with_name("gateway.json5")
    assert included.read_text(encoding="utf-8") == "{ port: 2, /* mine */ mode: 'local' }"
    refused = openclaw("config", "set", "tools.profile", "coding")
    assert refused.exit_code == 1
    assert refused.stderr.startswith(
        "✗ Config write would flatten $include-owned config at tools.profile; "
        "edit that include file directly or remove the $include first."
    )
    assert openclaw("config", "unset", "gateway.port").exit_code == 0
    assert included.read_text(encoding="utf-8") == "{ /* mine */ mode: 'local' }"


def test_what_would_gut_the_file_is_refused_and_kept_beside_it(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": 1}, "env": {"vars": {"A": "x" * 2000}}}))
    before = home.config_path.read_text(encoding="utf-8")
    for line in (("gateway", "{port: 2}"), ("env.vars.A", "short")):
        done = openclaw("config", "set", *line)
        assert done.exit_code == 1
        assert "Refusing to" in done.stderr
    assert home.config_path.read_text(encoding="utf-8") == before
    assert len(list(home.state_dir.glob("openclaw.json.rejected.*"))) == 2
    assert openclaw("config", "set", "env.vars.A", "short", "--replace").exit_code == 0
