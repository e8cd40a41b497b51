"""What changes from one config to the next, and what that asks of a running gateway."""

from pathlib import Path

import pytest

from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.load import check_text
from clawfleet.config.plan import Change, changed_paths, hot_part, kind_of, plan, row_of
from clawfleet.config.redacted import REDACTED


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path), "WORD": "one"}, cwd=tmp_path)


def planned(instance: Instance, old: str, new: str) -> tuple[Change, ...]:
    return plan(check_text(instance, old), check_text(instance, new))


def test_nothing_changes_between_two_spellings_of_one_config(instance: Instance) -> None:
    assert planned(instance, "{gateway: {port: 18789}}", '{"gateway": {"port": 18789}} // the default') == ()


def test_each_difference_is_a_row(instance: Instance) -> None:
    rows = planned(
        instance,
        "{gateway: {port: 1234}, logging: {level: 'info'}}",
        "{gateway: {port: 4321}, logging: {level: 'debug'}, agents: {entries: {ops: {name: 'Ops'}}}}",
    )
    by_path = {row.path: row for row in rows}
    assert by_path["gateway.port"] == Change("gateway.port", 1234, 4321, "restart")
    assert by_path["logging.level"] == Change("logging.level", "info", "debug", "hot")
    assert (by_path["agents.entries.ops"].old, by_path["agents.entries.ops"].kind) == (None, "hot")


def test_secrets_are_seen_to_change_and_never_shown(instance: Instance) -> None:
    token = "{{gateway: {{auth: {{token: '{}'}}}}}}"
    (row,) = planned(instance, token.format("first-secret"), token.format("second-secret"))
    assert (row.path, row.old, row.new, row.kind) == ("gateway.auth.token", REDACTED, REDACTED, "hot")


def test_a_variable_that_means_something_else_now_is_a_change(instance: Instance, tmp_path: Path) -> None:
    other = resolve_instance(environ={"HOME": str(tmp_path), "WORD": "two"}, cwd=tmp_path)
    text = "{agents: {entries: {ops: {name: '${WORD}'}}}}"
    (row,) = plan(check_text(instance, text), check_text(other, text))
    assert (row.path, row.old, row.new) == ("agents.entries.ops.name", "one", "two")


def test_what_nobody_acts_on_asks_for_nothing(instance: Instance) -> None:
    (row,) = planned(instance, "{}", "{meta: {lastTouchedVersion: 'x'}}")
    assert (row.path, row.kind) == ("meta", "none")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("gateway", "auth", "token"), "hot"),
        (("gateway", "auth", "mode"), "restart"),
        (("gateway", "controlUi", "allowedOrigins"), "hot"),
        (("gateway", "controlUi", "basePath"), "restart"),
        (("gateway", "mode"), "none"),
        (("channels", "telegram", "botToken"), "hot"),
        (("agents", "entries", "ops", "model"), "hot"),
        (("logging", "file"), "restart"),
        (("meta",), "none"),
        ((), "none"),
    ],
)
def test_the_longest_rule_decides(path: tuple[str, ...], kind: str) -> None:
    assert kind_of(path) == kind


def test_changed_paths_are_the_outermost_keys() -> None:
    assert changed_paths({"a": 1}, {"a": 1, "logging": {"level": "debug"}}) == ["logging"]
    assert changed_paths({"logging": {"level": "debug"}}, {"logging": {}}) == ["logging.level"]
    assert changed_paths({"list": [1, 2]}, {"list": [1]}) == ["list"]


def test_a_row_reads_as_old_to_new() -> None:
    """Secrets never show; what is long is cut."""
    assert row_of(Change("gateway.port", 1, None, "restart")) == "gateway.port: 1 → (unset) (restart)"
    long = row_of(Change("a", None, "x" * 200, "hot"))
    assert len(long) < 120
    assert long.endswith("… (hot)")


def test_the_hot_part_of_a_change_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    old = check_text(instance, "{gateway: {port: 1111}, agents: {list: [{id: 'main', model: 'a/b'}]}}")
    new = check_text(instance, "{gateway: {port: 2222}, session: {dmScope: 'per-peer'}, logging: {file: 'x'}}")
    hot = hot_part(old, new)
    assert hot is not None
    assert (hot.config.gateway.port, hot.config.session.dm_scope, hot.config.logging.file) == (1111, "per-peer", None)
    assert hot.config.agents.entries == {}
    assert {change.path for change in plan(hot, new)} == {"gateway.port", "logging.file"}  # what still waits
