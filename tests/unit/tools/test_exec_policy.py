"""What may run: the stricter of config and document, the allowlist by program, arguments and directory."""

import pytest

from clawfleet.config.models.tools import ExecConfig
from clawfleet.tools.exec_policy import (
    AgentRules,
    AllowEntry,
    ApprovalsDocument,
    Policy,
    Program,
    Rules,
    choices,
    entry_for,
    matches,
    policy_for,
    verdict,
    without_answer,
    words_of,
)

LS = Program("ls -la", ("ls", "-la"), "/usr/bin/ls", "/w")


def config(**row: object) -> ExecConfig:
    return ExecConfig.model_validate(row)


@pytest.mark.parametrize(
    ("row", "document", "expected"),
    [
        ({}, ApprovalsDocument(), ("full", "off", "deny")),
        ({"mode": "ask"}, ApprovalsDocument(), ("allowlist", "on-miss", "deny")),
        ({"ask": "always"}, ApprovalsDocument(), ("full", "always", "deny")),
        ({}, ApprovalsDocument(defaults=Rules(ask="always")), ("full", "always", "deny")),
        ({"mode": "deny"}, ApprovalsDocument(defaults=Rules(security="full")), ("deny", "off", "deny")),
        ({}, ApprovalsDocument(agents={"*": AgentRules(security="allowlist")}), ("allowlist", "off", "deny")),
        (
            {"mode": "allowlist"},
            ApprovalsDocument(
                defaults=Rules(ask="always"), agents={"main": AgentRules(ask="off", ask_fallback="full")}
            ),
            ("allowlist", "off", "full"),
        ),
    ],
)
def test_the_stricter_of_both_holds(
    row: dict[str, object], document: ApprovalsDocument, expected: tuple[str, str, str]
) -> None:
    policy = policy_for(config(**row), document, "main")
    assert (policy.security, policy.ask, policy.fallback) == expected


@pytest.mark.parametrize(
    ("security", "ask", "listed", "expected"),
    [
        ("full", "off", False, "run"),
        ("full", "on-miss", False, "run"),
        ("full", "always", True, "ask"),
        ("allowlist", "off", False, "deny"),
        ("allowlist", "off", True, "run"),
        ("allowlist", "on-miss", False, "ask"),
        ("allowlist", "on-miss", True, "run"),
        ("deny", "always", True, "deny"),
    ],
)
def test_what_is_to_be_done(security: str, ask: str, listed: bool, expected: str) -> None:
    entries = (AllowEntry(pattern="ls"),) if listed else ()
    assert verdict(Policy(security, ask, "deny", entries), LS) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line", ["ls; rm -rf /", "ls | sh", "echo $(id)", "ls > f", "A=1 ls", "ls 'open", "", "ls\nid"]
)
def test_a_line_that_is_more_than_a_program_is_on_no_allowlist(line: str) -> None:
    program = Program(line, words_of(line), "/usr/bin/ls", "/w")
    assert program.words == ()
    assert not matches((AllowEntry(pattern="*"), AllowEntry(pattern="ls")), program)
    assert choices("on-miss", program) == ("allow-once", "deny")


@pytest.mark.parametrize(
    ("entry", "fits"),
    [
        (AllowEntry(pattern="ls"), True),
        (AllowEntry(pattern="/usr/bin/*"), True),
        (AllowEntry(pattern="/usr/bin/l"), False),
        (AllowEntry(pattern="ls", arg_pattern="-l.*"), True),
        (AllowEntry(pattern="ls", arg_pattern="-l"), False),
        (AllowEntry(pattern="ls", arg_pattern="("), False),
    ],
)
def test_an_entry_names_a_program_and_may_name_its_arguments(entry: AllowEntry, fits: bool) -> None:
    assert matches((entry,), LS) is fits


def test_what_may_always_run_is_this_very_command_here() -> None:
    entry = entry_for(LS, "e1", 5)
    assert (entry.pattern, entry.source, entry.command_text) == ("/usr/bin/ls", "allow-always", "ls -la")
    assert matches((entry,), LS)
    assert not matches((entry,), Program("ls -l", ("ls", "-l"), "/usr/bin/ls", "/w"))
    assert not matches((entry,), Program("ls -la", ("ls", "-la"), "/usr/bin/ls", "/elsewhere"))
    assert not matches((entry,), Program("ls -la", ("ls", "-la"), "/tmp/ls", "/w"))


def test_who_is_always_asked_cannot_be_asked_for_the_last_time() -> None:
    assert choices("always", LS) == ("allow-once", "deny")
    assert choices("on-miss", LS) == ("allow-once", "allow-always", "deny")
    assert choices(None, Program("nope", ("nope",), None, "/w")) == ("allow-once", "deny")


def test_without_anybody_to_ask_the_fallback_decides() -> None:
    listed = (AllowEntry(pattern="ls"),)
    assert not without_answer(Policy("full", "always", "deny", listed), LS)
    assert without_answer(Policy("full", "always", "allowlist", listed), LS)
    assert not without_answer(Policy("full", "always", "allowlist"), LS)
    assert without_answer(Policy("full", "always", "full"), LS)
    assert not without_answer(Policy("allowlist", "on-miss", "full"), LS)
