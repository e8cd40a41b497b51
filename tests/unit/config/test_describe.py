"""What the config's keys are, for forms."""

import pytest

from clawfleet.config.describe import all_hints, describe, label_of
from clawfleet.config.shape import leaves


def test_an_object_is_described_by_its_keys() -> None:
    found = describe(("gateway", "auth"))
    assert found is not None
    assert (found.schema["type"], found.schema["title"], found.schema["additionalProperties"]) == (
        "object",
        "Auth",
        False,
    )
    assert ("gateway", "auth", "token") in found.children
    assert "properties" not in found.schema


def test_a_secret_says_so() -> None:
    found = describe(("gateway", "auth", "token"))
    assert found is not None
    assert (found.hint.sensitive, found.hint.label, found.children) == (True, "Token", ())
    assert found.schema["type"] == "string"


def test_a_value_has_its_limits_and_choices() -> None:
    port = describe(("gateway", "port"))
    bind = describe(("gateway", "bind"))
    assert port is not None and bind is not None
    assert (port.schema["type"], port.schema["maximum"], port.schema["default"]) == ("integer", 65535, 18789)
    assert "lan" in bind.schema["enum"]


def test_entries_of_maps_and_items_of_lists_are_a_star() -> None:
    found = describe(("agents", "entries"))
    assert found is not None
    assert found.children == (("agents", "entries", "*"),)
    assert describe(("agents", "entries", "*", "model", "primary")) is not None
    assert describe(("agents", "entries", "ops", "workspace")) is not None


def test_the_whole_file_is_described_too() -> None:
    found = describe(())
    assert found is not None
    assert ("gateway",) in found.children


@pytest.mark.parametrize("path", [("nope", "nope"), ("gateway", "nope")])
def test_what_the_models_do_not_know_is_not_described(path: tuple[str, ...]) -> None:
    assert describe(path) is None


def test_every_key_has_a_hint() -> None:
    hints = all_hints()
    for name, _ in leaves():
        assert name.replace(".<id>", ".*").replace("[]", ".*") in hints
    assert hints["gateway.auth.password"].sensitive
    assert not hints["gateway.port"].sensitive


def test_labels_are_words() -> None:
    assert (label_of("allowedOrigins"), label_of("controlUi"), label_of("*")) == ("Allowed Origins", "Control Ui", "*")
