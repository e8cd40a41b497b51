"""What counts as news in a tool's result."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.tools.progress import outcome_of

FAILED = {"status": "completed", "exitCode": 1}
PASSED = {"status": "completed", "exitCode": 0}


def same(tool: str, one: str, other: str, details: dict[str, Any] | None = None) -> bool:
    return outcome_of(tool, {}, one, details or {}) == outcome_of(tool, {}, other, details or {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-11-21T04:24:00Z refused", "2026-11-21T04:25:07Z refused"),
        ("gave up after 1.2s", "gave up after 900 ms"),
        ("worker pid 12 died", "worker pid 13 died"),
        ("attempt 1/3 failed", "attempt 2/3 failed"),
    ],
)
def test_a_failure_that_only_tells_another_time_is_the_same(one: str, other: str) -> None:
    assert same("exec", one, other, FAILED)
    assert not same("exec", one, other, PASSED)


def test_another_cause_or_exit_code_is_news() -> None:
    assert not same("exec", "no such file", "permission denied", FAILED)
    assert outcome_of("exec", {}, "x", FAILED) != outcome_of("exec", {}, "x", PASSED)


def test_a_command_in_the_background_is_the_same_command() -> None:
    said = "Command still running (session {}, pid {}). Use process"
    assert same("exec", said.format("swift-pine", 1), said.format("calm-fox", 2))


def test_ids_that_a_platform_makes_up_are_no_news() -> None:
    assert same("message", '{"ok": true, "messageId": "1"}', '{"ok": true, "messageId": "2"}')
    assert not same("message", '{"ok": true, "to": "a"}', '{"ok": true, "to": "b"}')
    assert same("message", "sent", "sent")


def test_the_mark_around_what_comes_from_outside_is_no_news() -> None:
    page = '<<<EXTERNAL_UNTRUSTED_CONTENT id="{0}">>>x<<<END_EXTERNAL_UNTRUSTED_CONTENT id="{0}">>>'
    assert same("web_fetch", page.format("0a1b"), page.format("ffff"))
