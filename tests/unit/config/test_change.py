"""What a `config set` or `unset` would write."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import pyjson5
import pytest

from clawfleet.config.change import (
    ChangeInvalid,
    Edit,
    NotJson,
    as_meant,
    carry_out,
    new_file_text,
    parse_value,
    plan_edits,
    plan_rewrite,
    plan_set,
    plan_text,
    plan_unset,
)
from clawfleet.config.edit import NotSet
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.guard import WouldLose
from clawfleet.config.layout import Json5Syntax
from clawfleet.config.path import KeyPath, parse_path
from clawfleet.config.read import ConfigInvalid


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("18790", "gateway.port", 18790),
        ("true", "gateway.controlUi.enabled", True),
        ("{a: 1}", "env.vars", {"a": 1}),
        ("lan", "gateway.bind", "lan"),
        ('"lan"', "gateway.bind", "lan"),
        ("${X}", "gateway.auth.token", "${X}"),
        ("12345", "gateway.auth.password", "12345"),
        ("1e5", "gateway.auth.token", "1e5"),
        ("true", "agents.defaults.workspace", "true"),
        ("null", "gateway.auth.token", None),
        ("123:AA", "channels.telegram.botToken", "123:AA"),
        ("42", "channels.telegram.allowFrom[0]", "42"),
        ("42", "some.unknown.path", 42),
        ("", "gateway.auth.token", ""),
    ],
)
def test_values_as_people_type_them(text: str, path: str, value: object) -> None:
    """JSON5, else text; text also where nothing else can be meant."""
    assert parse_value(text, parse_path(path), strict=False) == value


def test_strict_values_are_json() -> None:
    """No JSON5, no guessing; the message names the value and the flag."""
    assert parse_value('{"a": 1}', ("x",), strict=True) == {"a": 1}
    for text in ("abc", "{a: 1}", "'x'", ""):
        with pytest.raises(NotJson, match=f'Could not parse "{text}" as JSON for --strict-json') as caught:
            parse_value(text, ("x",), strict=True)
        assert caught.value.exit_code == 1


def test_the_first_set_starts_from_what_ran(instance: Instance) -> None:
    """The gateway still starts afterwards, and still serves the chat endpoint."""
    planned = plan_set(instance, None, ("gateway", "port"), 19001)
    assert planned.after is not None
    gateway = planned.after.config.gateway
    assert (gateway.mode, gateway.port, gateway.http.endpoints.chat_completions.enabled) == ("local", 19001, True)
    assert planned.text.startswith('{\n  "gateway": {\n    "mode": "local"')
    assert pyjson5.decode(new_file_text())["gateway"]["mode"] == "local"


def test_a_value_that_does_not_fit_is_refused(instance: Instance) -> None:
    """OpenClaw's words; nothing to write comes back."""
    with pytest.raises(ChangeInvalid) as caught:
        plan_set(instance, "{}", ("tools", "profile"), "mesaging")
    assert caught.value.message == (
        'Config validation failed: tools.profile: Invalid input (allowed: "minimal", "coding", "messaging", "full"), '
        'got: "mesaging"'
    )
    assert caught.value.exit_code == 1


def test_an_unknown_key_is_refused(instance: Instance) -> None:
    """With the nearest known one."""
    with pytest.raises(ChangeInvalid, match='gateway: Unrecognized key: "prot" \\(did you mean "port"\\?\\)'):
        plan_set(instance, "{}", ("gateway", "prot"), 1)


def test_a_file_with_two_mistakes_can_be_mended_one_by_one(instance: Instance) -> None:
    """What was wrong before and still is, is told, not held against the change."""
    old = "{gateway: {port: 'x'}, tools: {profile: 'y'}}"
    planned = plan_set(instance, old, ("gateway", "port"), 1)
    assert [issue.path for issue in planned.standing] == ["tools.profile"]
    assert planned.after is None
    assert plan_unset(instance, planned.text, ("tools", "profile")).standing == ()


def test_a_key_given_twice_can_be_mended_by_a_command(instance: Instance) -> None:
    """Unset takes both away, and a change elsewhere is not held up by the mistake."""
    text = "{\n  gateway: { port: 19001 },\n  gateway: { port: 19002 },\n}"
    assert plan_unset(instance, text, ("gateway",)).standing == ()
    planned = plan_set(instance, text, ("tools", "allow"), ["exec"])
    assert {issue.message for issue in planned.standing} == {"a key may stand only once"}


def test_the_four_steps_to_a_provider(instance: Instance) -> None:
    """Each state in between is accepted; the last one works."""
    text = "{}"
    key = ("models", "providers", "custom-127-0-0-1-8317")
    for name, value in (
        ("apiKey", "${K}"),
        ("api", "openai-completions"),
        ("baseUrl", "http://h"),
        ("models", [{"id": "m"}]),
    ):
        planned = plan_set(instance, text, (*key, name), value)
        text = planned.text
    assert planned.after is not None
    models = planned.after.config.models.providers[key[-1]].models
    assert [model.name for model in models or ()] == ["m"]
    assert '"${K}"' in text


def test_variables_are_never_written_resolved(instance: Instance, tmp_path: Path) -> None:
    """An edit beside one leaves its name in the file."""
    resolved = resolve_instance(environ={"HOME": str(tmp_path), "TOKEN": "s3cret"}, cwd=tmp_path)
    planned = plan_set(resolved, '{gateway: {auth: {token: "${TOKEN}"}}}', ("gateway", "port"), 1)
    assert "s3cret" not in planned.text
    assert "${TOKEN}" in planned.text


def test_guarded_merged_replaced(instance: Instance) -> None:
    """The three ways to write over a map of providers."""
    old = '{models: {providers: {x: {baseUrl: "u", models: []}}}}'
    new = {"y": {"baseUrl": "v", "models": []}}
    path = ("models", "providers")
    with pytest.raises(WouldLose):
        plan_set(instance, old, path, new)
    for mode, names in (("merge", ["x", "y"]), ("replace", ["y"])):
        planned = plan_set(instance, old, path, new, mode)  # type: ignore[arg-type]
        assert list(pyjson5.decode(planned.text)["models"]["providers"]) == names


def test_agents_keep_their_spelling(instance: Instance) -> None:
    """A new agent joins the list that is there."""
    planned = plan_set(instance, "{agents: {list: [{id: 'main'}]}}", ("agents", "entries", "ops", "name"), "Ops")
    assert planned.text == "{agents: {list: [{id: 'main'}, { id: 'ops', name: 'Ops' }]}}"
    assert plan_unset(instance, planned.text, ("agents", "entries", "ops")).text == "{agents: {list: [{id: 'main'}]}}"


def test_unset_of_nothing(instance: Instance) -> None:
    """The caller decides what that means."""
    with pytest.raises(NotSet):
        plan_unset(instance, "{}", ("tools", "allow"))


def test_a_broken_file_is_not_edited(instance: Instance) -> None:
    """First it must be JSON5 again."""
    with pytest.raises(ConfigInvalid):
        plan_set(instance, "{", ("a",), 1)
    with pytest.raises(ConfigInvalid):
        plan_unset(instance, "{", ("a",))


def test_a_text_that_only_the_generous_reader_takes(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading and editing read with two readers; where they differ the file is left alone."""

    def differ(*_: object) -> str:
        raise Json5Syntax("{}", 1, "something else")

    monkeypatch.setattr("clawfleet.config.change.set_value", differ)
    with pytest.raises(ConfigInvalid, match="cannot be edited"):
        plan_set(instance, "{}", ("gateway", "port"), 1)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (("channels", "telegram", "groups", -100), ("channels", "telegram", "groups", "-100")),
        (("tools", "allow", "0"), ("tools", "allow", 0)),
        (("agents", "list", 0, "id"), ("agents", "list", 0, "id")),
        (("gateway", "port"), ("gateway", "port")),
    ],
)
def test_numbers_in_paths(path: KeyPath, meant: KeyPath) -> None:
    """A group id in brackets is a name, a number behind a list's dot an index."""
    assert as_meant(path) == meant


def test_several_edits_are_checked_at_the_end(instance: Instance) -> None:
    """Each alone would be refused."""
    edits = [Edit(("gateway", "bind"), "custom"), Edit(("gateway", "customBindHost"), "10.0.0.1")]
    with pytest.raises(ChangeInvalid):
        plan_edits(instance, "{}", edits[:1])
    planned = plan_edits(instance, "{}", edits)
    assert planned.after is not None
    assert planned.after.config.gateway.custom_bind_host == "10.0.0.1"


def test_what_an_included_file_holds_is_changed_in_that_file(instance: Instance) -> None:
    more = instance.config_path.with_name("more.json5")
    more.parent.mkdir(exist_ok=True)
    more.write_text("{ port: 1, bind: 'lan' }", encoding="utf-8")
    text = "{ gateway: { $include: './more.json5' } }"
    for planned, after in [
        (plan_set(instance, text, ("gateway", "port"), 2), "{ port: 2, bind: 'lan' }"),
        (plan_edits(instance, text, [Edit(("gateway", "port"), 2)]), "{ port: 2, bind: 'lan' }"),
    ]:
        assert (planned.text, planned.beside) == (text, {more: after})


def test_a_rewrite_of_the_whole_tree_reaches_the_files_that_hold_its_parts(instance: Instance) -> None:
    more = instance.config_path.with_name("more.json5")
    more.parent.mkdir(exist_ok=True)
    more.write_text("{ port: 1, bind: 'lan' /* mine */ }", encoding="utf-8")

    def other(raw: str) -> str:
        tree = json.loads(raw)
        tree["gateway"] = {"port": 2}
        tree["logging"] = {"level": "debug"}
        return json.dumps(tree)

    files = plan_rewrite(instance, "{ gateway: { $include: './more.json5' } }", other)
    assert files[more] == "{ port: 2 /* mine */ }"
    assert "$include" in files[instance.config_path]
    assert "level" in files[instance.config_path]


def test_carried_out_means_on_disk(instance: Instance) -> None:
    edits = [Edit(("gateway", "port"), 2)]
    assert carry_out(instance, lambda old: plan_edits(instance, old, edits))[0]
    assert not carry_out(instance, lambda old: plan_edits(instance, old, edits))[0]
    assert json.loads(instance.config_path.read_text(encoding="utf-8"))["gateway"]["port"] == 2


def test_another_text_as_a_whole(instance: Instance) -> None:
    assert plan_text(instance, "{}", "{logging: {level: 'debug'}}").after is not None
    with pytest.raises(ChangeInvalid, match="nope"):
        plan_text(instance, "{}", "{nope: 1}")


DATA = Path(__file__).parents[2] / "data"
EDITS: list[dict[str, Any]] = json.loads((DATA / "large_config_edits.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", EDITS, ids=lambda row: f"{row['do']} {row['path']}")
def test_an_edit_of_a_large_commented_file_changes_only_what_it_must(instance: Instance, row: dict[str, Any]) -> None:
    """As the recorded diff says, line by line."""
    text = (DATA / "large_config.json5").read_text(encoding="utf-8")
    edit = Edit(parse_path(row["path"]), row.get("value"), removes=row["do"] == "unset")
    planned = plan_edits(instance, text, [edit], "replace")
    diff = difflib.unified_diff(text.split("\n"), planned.text.split("\n"), n=0, lineterm="")
    assert [line for line in diff if line[:3] not in ("---", "+++")] == row["diff"]
    assert planned.standing == ()


def test_the_large_file_and_its_edits_are_what_they_claim() -> None:
    assert (DATA / "large_config.json5").read_text(encoding="utf-8").count("\n") >= 300
    assert len({(row["do"], row["path"]) for row in EDITS}) >= 30
