"""Known, accepted without effect, refused, unknown."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.keys import sort_keys


def messages(problems: list[Any]) -> list[tuple[str, str]]:
    return [(".".join(map(str, problem.path)), problem.message) for problem in problems]


def test_known_keys_pass() -> None:
    """Through maps and lists."""
    tree = {"gateway": {"port": 1}, "models": {"providers": {"x": {"models": [{"id": "m"}]}}}}
    found = sort_keys(tree)
    assert (found.tree, found.errors, found.warnings) == (tree, [], [])


@pytest.mark.parametrize(
    ("tree", "path", "message"),
    [
        ({"gateway": {"prot": 1}}, "gateway", 'Unrecognized key: "prot" (did you mean "port"?)'),
        ({"gatway": {}}, "", 'Unrecognized key: "gatway" (did you mean "gateway"?)'),
        ({"cronn": {}}, "", 'Unrecognized key: "cronn" (did you mean "cron"?)'),
        ({"gateway": {"reloadd": 1}}, "gateway", 'Unrecognized key: "reloadd" (did you mean "reload"?)'),
        (
            {"gateway": {"customBindhost": 1}},
            "gateway",
            'Unrecognized key: "customBindhost" (did you mean "customBindHost"?)',
        ),
        ({"gateway": {"zzz": 1}}, "gateway", 'Unrecognized key: "zzz"'),
        (
            {"agents": {"entries": {"a": {"modle": 1}}}},
            "agents.entries.a",
            'Unrecognized key: "modle" (did you mean "model"?)',
        ),
        ({"channels": {"telegram": {"x": 1}}}, "channels.telegram", 'Unrecognized key: "x"'),
    ],
)
def test_unknown_keys_are_errors_of_their_section(tree: dict[str, Any], path: str, message: str) -> None:
    """With the nearest known key, and the key itself as the place for the line number."""
    found = sort_keys(tree)
    assert messages(found.errors) == [(path, message)]
    assert found.errors[0].at[:-1] == found.errors[0].path


def test_providers_stay_open() -> None:
    """A key of another version is reported and left out."""
    found = sort_keys({"models": {"providers": {"x": {"baseUrl": "u", "fancy": 1}}}})
    assert found.tree == {"models": {"providers": {"x": {"baseUrl": "u"}}}}
    assert messages(found.warnings) == [("models.providers.x", 'Unrecognized key: "fancy"; left out')]
    assert not found.errors


def test_keys_without_effect_are_left_out_and_reported() -> None:
    """Bookkeeping of other programs is not worth a word."""
    tree = {"$schema": "x", "meta": {}, "cron": {"maxConcurrentRuns": 2}, "channels": {"discord": {"token": "t"}}}
    found = sort_keys(tree)
    assert found.tree == {"channels": {}}
    assert messages(found.warnings) == [
        ("cron", "accepted without effect: nothing is scheduled yet"),
        ("channels.discord", "accepted without effect: not a channel of this gateway yet"),
    ]


def test_what_would_weaken_if_ignored_is_refused() -> None:
    """What the operator forbade is not run."""
    found = sort_keys({"tools": {"exec": {"strictInlineEval": True}}})
    assert [problem.path for problem in found.errors] == [("tools", "exec", "strictInlineEval")]


@pytest.mark.parametrize("tree", [{"gateway": 5}, {"agents": {"entries": []}}, {"tools": {"allow": {}}}, [], None])
def test_wrong_types_are_left_for_the_models(tree: object) -> None:
    """Sorting keys never fails."""
    assert sort_keys(tree).tree == tree
