"""What keeps a command from running in a sandbox."""

from __future__ import annotations

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.sandbox.failures import PackageMissing, SandboxForbidden, SandboxUnavailable


@pytest.mark.parametrize(
    ("leaf", "code"), [(SandboxUnavailable, "SANDBOX_UNAVAILABLE"), (SandboxForbidden, "SANDBOX_FORBIDDEN")]
)
def test_both_are_tool_errors_with_a_code_of_their_own(leaf: type[ToolError], code: str) -> None:
    """The turn goes on and tells the model; nothing else runs the command."""
    assert issubclass(leaf, ToolError)
    assert leaf("x").code == code


def test_a_missing_package_says_how_to_get_it() -> None:
    error = PackageMissing()
    assert isinstance(error, SandboxUnavailable)
    assert "clawfleet[sandbox]" in str(error.hint)
