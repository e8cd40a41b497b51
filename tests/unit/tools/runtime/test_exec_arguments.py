"""What exec takes, and variables that it never hands to the host."""

from __future__ import annotations

import pytest

from clawfleet.tools.failures import BadArguments, ToolDenied
from clawfleet.tools.runtime.exec_arguments import ExecArguments, refuse_on_host, refuse_overrides


def test_names_and_other_spellings() -> None:
    asked = ExecArguments.read("exec", {"command": "x", "timeout": 3, "yieldMs": 5, "pty": True, "host": "auto"})
    assert (asked.timeout_seconds, asked.yield_ms, asked.pty, asked.host) == (3, 5, True, "auto")
    with pytest.raises(BadArguments, match="not a name"):
        ExecArguments.read("exec", {"command": "x", "env": {"A-B": "1"}})


@pytest.mark.parametrize("name", ["PATH", "ld_preload", "Dyld_X", "BASH_FUNC_ls", "ENV", "IFS", "RUBYOPT"])
def test_variables_that_choose_the_code(name: str) -> None:
    with pytest.raises(ToolDenied, match=name):
        refuse_overrides({"A": "1", name: "x"})


def test_other_variables_pass() -> None:
    refuse_overrides({"PATHS": "1", "MY_ENV": "1", "CI": "1", "NODE_ENV": "test"})
    refuse_on_host(ExecArguments.read("exec", {"command": "grep /approve README.md"}))
