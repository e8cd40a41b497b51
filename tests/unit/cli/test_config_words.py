"""What is said about a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.cli.config_words import (
    BY_ITSELF,
    HOT,
    NO_RESTART,
    RESTART,
    defaults_beside,
    effect,
    effect_of,
    remarks,
)
from clawfleet.config.change import plan_set
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.path import KeyPath


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("gateway", "port"), f"{RESTART} {BY_ITSELF}"),
        (("channels", "telegram", "dmPolicy"), HOT),
        (("agents", "list", 0, "model"), HOT),
        (("cron", "enabled"), NO_RESTART),
        (("gateway", "reload", "mode"), NO_RESTART),
        (("channels", "discord", "token"), NO_RESTART),
    ],
)
def test_what_a_change_takes(path: KeyPath, words: str) -> None:
    """Nothing where nobody acts on the key."""
    assert effect(path) == words


@pytest.mark.parametrize(
    ("mode", "hot", "restart"),
    [
        ("hybrid", HOT, f"{RESTART} {BY_ITSELF}"),
        ("restart", HOT, f"{RESTART} {BY_ITSELF}"),
        ("hot", HOT, RESTART),
        ("off", RESTART, RESTART),
    ],
)
def test_what_a_change_takes_depends_on_the_mode(instance: Instance, mode: str, hot: str, restart: str) -> None:
    text = f"{{gateway: {{reload: {{mode: '{mode}'}}}}}}"
    assert effect_of(plan_set(instance, text, ("session", "dmScope"), "per-peer")) == hot
    assert effect_of(plan_set(instance, text, ("gateway", "port"), 1234)) == restart
    assert effect_of(plan_set(instance, text, ("cron", "enabled"), True)) == NO_RESTART


def test_only_new_troubles_are_remarked(instance: Instance) -> None:
    """A model that was unknown before is not news."""
    old = '{agents: {defaults: {model: "nope/x"}}}'
    assert not list(remarks(plan_set(instance, old, ("agents", "defaults", "timeoutSeconds"), 5), ("agents",)))
    assert list(remarks(plan_set(instance, old, ("agents", "defaults", "model"), "no/y"), ("agents",)))


def test_a_file_that_means_nothing_yet_has_no_remarks(instance: Instance) -> None:
    """It has other troubles."""
    planned = plan_set(instance, "{tools: {profile: 1}}", ("agents", "defaults", "model"), "no/y")
    assert not list(remarks(planned, ("agents",)))


def test_a_new_file_is_told_without_the_key_that_was_asked_for() -> None:
    assert list(defaults_beside([("gateway", "mode")])) == ["gateway.http.endpoints.chatCompletions.enabled=true"]
    assert "gateway.mode=local" in list(defaults_beside([("gateway", "port")]))
