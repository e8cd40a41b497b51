"""From the file to the snapshot, or to everything that is wrong with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.load import check_text, load_config
from clawfleet.config.read import ConfigInvalid, Issue, issue_line, parse_text
from clawfleet.core.errors import ConfigError

SEED = """\
// an operator's file in the style of older guides
{
  identity: { name: "Clawd" },
  gateway: {
    mode: "local",
    auth: { mode: "token", token: "${OPENCLAW_GATEWAY_TOKEN}" },
    reload: { mode: "hybrid", debounceMs: 300 },
  },
  agents: {
    defaults: { timeoutSeconds: 600, model: { primary: "x/m" } },
    list: [{ id: "main", default: true }, { id: "coding", workspace: "~/coding" }],
  },
  env: { FLAT: "1", vars: { NESTED: "${BASE}/n" } },
  channels: { telegram: { botToken: "${TELEGRAM_BOT_TOKEN}", allowFrom: [42] } },
  models: { providers: { x: { baseUrl: "http://h/${NESTED}", models: [{ id: "m" }] }, half: { apiKey: "k" } } },
  cron: { maxConcurrentRuns: 2 },
}
"""


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    environ = {"HOME": str(tmp_path), "OPENCLAW_GATEWAY_TOKEN": "t0ken", "BASE": "b"}
    (tmp_path / ".openclaw").mkdir()
    return resolve_instance(environ=environ, cwd=tmp_path)


def issues_of(instance: Instance, text: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as caught:
        check_text(instance, text)
    assert caught.value.exit_code == 78
    return [issue_line(issue, instance.config_path).strip() for issue in caught.value.issues]


def test_a_seed_config_loads_as_it_is(instance: Instance) -> None:
    """Variables in, older spellings understood, half-written providers left out, the file untouched."""
    instance.config_path.write_text(SEED, encoding="utf-8")
    snapshot = load_config(instance)
    config = snapshot.config
    assert config.gateway.auth.token is not None
    assert config.gateway.auth.token.get_secret_value() == "t0ken"
    assert list(config.agents.entries) == ["main", "coding"]
    assert config.agents.entries["coding"].workspace == str(instance.home / "coding")
    assert config.models.providers["x"].base_url == "http://h/b/n"
    assert list(config.models.providers) == ["x"]
    assert config.channels.telegram is not None
    assert config.channels.telegram.allow_from == ("42",)
    assert (snapshot.environ["FLAT"], snapshot.environ["NESTED"]) == ("1", "b/n")
    assert instance.config_path.read_text(encoding="utf-8") == SEED == snapshot.text


def test_what_deserves_a_word_is_a_warning_with_its_line(instance: Instance) -> None:
    """In the order of the file."""
    snapshot = check_text(instance, SEED)
    assert [(issue.line, issue.path) for issue in snapshot.warnings] == [
        (3, "identity"),
        (13, "env.FLAT"),
        (14, "channels.telegram.botToken"),
        (15, "models.providers.half"),
        (16, "cron"),
    ]
    by_path = {issue.path: issue.message for issue in snapshot.warnings}
    assert by_path["models.providers.half"] == "incomplete (missing baseUrl, models)"
    assert by_path["channels.telegram.botToken"] == (
        'Missing env var "TELEGRAM_BOT_TOKEN" - feature using this value will be unavailable'
    )


def test_the_source_keeps_what_the_operator_wrote(instance: Instance) -> None:
    """Variables unresolved, older spelling as it is: nothing resolved can leak back into the file."""
    source = check_text(instance, SEED).source
    assert source["gateway"]["auth"]["token"] == "${OPENCLAW_GATEWAY_TOKEN}"  # type: ignore[index]
    assert "list" in source["agents"]  # type: ignore[operator]


def test_the_environment_beats_the_files_own_variables(instance: Instance) -> None:
    """env.vars never override."""
    snapshot = check_text(instance, '{env: {vars: {BASE: "mine", OTHER: "o"}}}')
    assert (snapshot.environ["BASE"], snapshot.environ["OTHER"]) == ("b", "o")


def test_without_a_file_the_built_in_config_runs(instance: Instance) -> None:
    """Local, with the chat endpoint on; nothing is written."""
    snapshot = load_config(instance)
    assert (snapshot.exists, snapshot.text) == (False, "")
    assert snapshot.config.gateway.mode == "local"
    assert snapshot.config.gateway.http.endpoints.chat_completions.enabled
    assert not instance.config_path.exists()


def test_everything_wrong_is_told_at_once(instance: Instance) -> None:
    """With file, line, key path, what was expected and what may have been meant."""
    text = """{
  gateway: { prot: 1, mode: "locl" },
  agents: {
    list: [
      { id: "main", modle: "x" },
      { id: "coding", name: 4 },
    ],
  },
  tools: { allow: ["a"], alsoAllow: ["b"] },
  cronn: {},
}"""
    assert issues_of(instance, text) == [
        '× openclaw.json:2 — gateway: Unrecognized key: "prot" (did you mean "port"?)',
        '× openclaw.json:2 — gateway.mode: Invalid input (allowed: "local", "remote"), got: "locl"',
        '× openclaw.json:5 — agents.list[0]: Unrecognized key: "modle" (did you mean "model"?)',
        "× openclaw.json:6 — agents.list[1].name: Invalid input: expected string, received number",
        "× openclaw.json:9 — tools: tools cannot set both allow and alsoAllow in the same scope "
        "(merge alsoAllow into allow, or remove allow and use profile + alsoAllow)",
        '× openclaw.json:10 — <root>: Unrecognized key: "cronn" (did you mean "cron"?)',
    ]


def test_a_key_given_twice_is_an_error_at_both_places(instance: Instance) -> None:
    """One of the two would win silently; a key of the same name in another object is another key."""
    text = """{
  gateway: { port: 19001 },
  agents: { list: [{ id: "a", name: "x" }, { id: "b", name: "x",
    "name": "y" }] },
  gateway: { "port": 19002 },
}"""
    assert issues_of(instance, text) == [
        "× openclaw.json:2 — gateway: a key may stand only once",
        "× openclaw.json:3 — agents.list[1].name: a key may stand only once",
        "× openclaw.json:4 — agents.list[1].name: a key may stand only once",
        "× openclaw.json:5 — gateway: a key may stand only once",
    ]


def test_two_secrets_need_a_mode(instance: Instance) -> None:
    """OpenClaw's words."""
    [line] = issues_of(instance, '{gateway: {auth: {token: "a", password: "b"}}}')
    assert line.endswith(
        "gateway.auth: gateway.auth.token and gateway.auth.password are both configured, but gateway.auth.mode is "
        "unset. Set gateway.auth.mode to token or password."
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "{\n  a: 1\n  b: 2\n}",
            "× openclaw.json:3 — <root>: JSON5 parse failed: SyntaxError: JSON5: invalid character 'b' at 3:3, "
            'expected "," or "}"',
        ),
        (
            "",
            "× openclaw.json:1 — <root>: JSON5 parse failed: SyntaxError: JSON5: invalid end of input at 1:1, "
            "expected a value",
        ),
        ("[1]", "× <root>: Invalid input: expected object, received array"),
        ("null", "× <root>: Invalid input: expected object, received null"),
    ],
)
def test_what_is_no_json5_object(instance: Instance, text: str, line: str) -> None:
    """Line, column, and what was expected there."""
    assert issues_of(instance, text) == [line]


def test_nesting_without_end_is_no_crash(instance: Instance) -> None:
    """A hostile file is an invalid file."""
    assert "JSON5 parse failed" in issues_of(instance, '{"a":' * 5000)[0]


def test_a_file_that_is_not_text(instance: Instance) -> None:
    """It says which byte."""
    instance.config_path.write_bytes(b"{a: '\xff'}")
    with pytest.raises(ConfigInvalid, match="not UTF-8: byte 6"):
        load_config(instance)


def test_a_directory_in_its_place(instance: Instance) -> None:
    """An error of the operator, not of ours."""
    instance.config_path.mkdir()
    with pytest.raises(ConfigError, match="cannot read"):
        load_config(instance)


def test_secrets_never_show_in_messages_or_reprs(instance: Instance) -> None:
    """Not in a snapshot's repr, not in what is said about a wrong value."""
    text = """{gateway: {auth: {token: "s3cret"}}, env: {vars: {K: "s3cret"}}, models: {providers: {x: {
      baseUrl: "u", apiKey: "s3cret", headers: {A: "s3cret"}, models: []}}}}"""
    snapshot = check_text(instance, text)
    assert "s3cret" not in repr(snapshot)
    wrong = text.replace('apiKey: "s3cret"', 'apiKey: ["s3cret"]')
    with pytest.raises(ConfigInvalid) as caught:
        check_text(instance, wrong)
    assert "s3cret" not in str(caught.value)


def test_issue_lines() -> None:
    """Without a line number there is no file name either."""
    assert issue_line(Issue("a.b", "bad", 7), Path("/x/oc.json")) == "  × oc.json:7 — a.b: bad"
    assert issue_line(Issue("<root>", "bad"), Path("/x/oc.json")) == "  × <root>: bad"


def test_the_error_carries_its_issues_for_clients(instance: Instance) -> None:
    """config.patch answers with them."""
    with pytest.raises(ConfigInvalid) as caught:
        parse_text("[]", instance.config_path)
    assert caught.value.details == {
        "issues": [{"path": "<root>", "message": "Invalid input: expected object, received array"}]
    }


def test_loading_is_light() -> None:
    """No web framework, no HTTP client, no terminal library: `config get` answers at once."""
    heavy = ("fastapi", "aiohttp", "rich", "docker", "uvicorn", "json5", "pydantic_settings")
    code = f"import clawfleet.config.load, sys; sys.exit(' '.join(m for m in {heavy!r} if m in sys.modules) or 0)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_login_shell_is_the_last_place_to_look(tmp_path: Path) -> None:
    """Only for keys that a gateway may need, and only where nobody else sets them."""
    (tmp_path / ".profile").write_text("export XAI_API_KEY=shell GROQ_API_KEY=shell OTHER=shell\n", encoding="utf-8")
    environ = {"HOME": str(tmp_path), "SHELL": "/bin/sh", "GROQ_API_KEY": "mine"}
    instance = resolve_instance(environ=environ, cwd=tmp_path)
    found = check_text(instance, "{env: {shellEnv: {enabled: true}}}").environ
    assert (found["XAI_API_KEY"], found["GROQ_API_KEY"], found.get("OTHER")) == ("shell", "mine", None)
    assert "XAI_API_KEY" not in check_text(instance, "{env: {}}").environ


def test_a_config_in_several_files(instance: Instance) -> None:
    """Read as one; what is wrong in any of them refuses all."""
    file = instance.config_path.with_name("gateway.json5")
    file.write_text("{ port: 4321, auth: { token: '${OPENCLAW_GATEWAY_TOKEN}' } } // mine", encoding="utf-8")
    snapshot = check_text(instance, "{ gateway: { $include: './gateway.json5' } }")
    assert snapshot.config.gateway.port == 4321
    assert list(snapshot.included) == [file]
    assert snapshot.source["gateway"] == {"port": 4321, "auth": {"token": "${OPENCLAW_GATEWAY_TOKEN}"}}
    assert snapshot.texts != check_text(instance, "{ gateway: { port: 4321 } }").texts
    with pytest.raises(ConfigInvalid) as caught:
        check_text(instance, "{ gateway: { $include: './nope.json5' } }")
    (issue,) = caught.value.issues
    assert issue.path == "<root>"
    assert issue.message.startswith("Failed to read include file: ./nope.json5 (resolved: ")
    assert list(caught.value.included) == [instance.config_path.with_name("nope.json5")]
    beside = {file: "{\n prot: 1 }"}
    with pytest.raises(ConfigInvalid, match=r'× gateway\.json5:2 — gateway: Unrecognized key: "prot" \(did you mean'):
        check_text(instance, "{ gateway: { $include: './gateway.json5' } }", beside=beside)
