"""A config as clients send it becomes the operator's file, with the operator's own words."""

import pyjson5
import pytest

from clawfleet.config.guard import WouldLose
from clawfleet.config.redacted import REDACTED, NothingBehind
from clawfleet.config.rewrite import NotJson5, leaves_of, patched, read_raw, replaced

FILE = """{
  // how to get in
  gateway: { mode: 'local', port: 1234, auth: { token: 's3cret' } },
  logging: { level: 'info' }, // for now
  agents: {
    list: [
      { id: 'main', name: 'Ada' }, // the first
      { id: 'ops' },
    ],
  },
}
"""


def tree(text: str) -> object:
    return pyjson5.decode(text)


def test_a_patch_changes_what_it_names_and_nothing_else() -> None:
    assert patched(FILE, "{gateway: {port: 4321}}") == FILE.replace("1234", "4321")


def test_null_takes_away() -> None:
    assert patched(FILE, "{logging: {level: null}}") == FILE.replace("{ level: 'info' }", "{}")
    assert "logging" not in patched(FILE, "{logging: null}")


def test_objects_merge_and_lists_replace() -> None:
    new = tree(patched(FILE, "{gateway: {controlUi: {allowedOrigins: ['a']}}}"))
    again = tree(patched(pyjson5.encode(new), "{gateway: {controlUi: {allowedOrigins: ['b']}}}"))
    assert again["gateway"]["controlUi"]["allowedOrigins"] == ["b"]  # type: ignore[index]


def test_a_named_object_replaces_instead_of_merging() -> None:
    new = tree(patched(FILE, "{gateway: {auth: {password: 'p'}, mode: 'local'}}", ["gateway.auth"]))
    assert new["gateway"]["auth"] == {"password": "p"}  # type: ignore[index]


@pytest.mark.parametrize(
    "patch", ["{agents: {entries: {ops: {name: 'Ops'}}}}", "{agents: {list: [{id: 'ops', name: 'Ops'}]}}"]
)
def test_agents_merge_by_id_under_either_name_of_the_roster(patch: str) -> None:
    """A patch of one agent never drops the others."""
    agents = tree(patched(FILE, patch))["agents"]  # type: ignore[index]
    assert agents == {"list": [{"id": "main", "name": "Ada"}, {"id": "ops", "name": "Ops"}]}


def test_agents_by_id_stay_so() -> None:
    file = "{agents: {entries: {main: {}}}}"
    assert tree(patched(file, "{agents: {list: [{id: 'ops'}]}}")) == {"agents": {"entries": {"main": {}, "ops": {}}}}


def test_the_marker_stands_for_the_secret_that_the_file_has() -> None:
    raw = '{"gateway": {"auth": {"token": "__OPENCLAW_REDACTED__"}, "port": 4321}}'
    assert patched(FILE, raw) == FILE.replace("1234", "4321")
    assert REDACTED not in replaced(FILE, raw.replace('"port"', '"mode": "local", "port"'))


def test_the_marker_is_never_written() -> None:
    with pytest.raises(NothingBehind, match=r"gateway\.auth\.password is __OPENCLAW_REDACTED__"):
        patched(FILE, '{gateway: {auth: {password: "__OPENCLAW_REDACTED__"}}}')


def test_a_whole_config_keeps_comments_and_order_of_what_stays() -> None:
    raw = (
        '{"agents": {"list": [{"id": "main", "name": "Ada"}, {"id": "ops"}]}, "logging": {"level": "debug"},'
        ' "gateway": {"port": 1234, "auth": {"token": "__OPENCLAW_REDACTED__"}, "mode": "local"}}'
    )
    assert replaced(FILE, raw) == FILE.replace("info", "debug")


def test_a_whole_config_with_comments_of_its_own_is_taken_as_written() -> None:
    raw = "{gateway: {mode: 'local'}} // mine"
    assert replaced(FILE, raw) == raw


@pytest.mark.parametrize("change", [replaced, patched])
def test_the_mode_that_lets_the_gateway_start_is_not_dropped(change: object) -> None:
    with pytest.raises(WouldLose, match=r"gateway\.mode"):
        change(FILE, "{gateway: null}" if change is patched else "{}")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("{ bad json", "SyntaxError: JSON5: invalid character 'j' at 1:7"),
        ("{\n", "SyntaxError: JSON5: invalid end of input at 2:1"),
        ("[]", "invalid config: <root>: Invalid input: expected object, received array"),
    ],
)
def test_what_is_no_config_is_refused_in_the_words_that_clients_know(raw: str, message: str) -> None:
    with pytest.raises(NotJson5) as caught:
        read_raw(raw)
    assert caught.value.message == message


def test_the_paths_of_a_patch() -> None:
    assert list(leaves_of({"logging": {"level": "debug"}, "agents": None, "env": {}})) == [
        "logging.level",
        "agents",
        "env",
    ]
