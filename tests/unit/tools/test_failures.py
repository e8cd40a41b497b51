"""What tools refuse with."""

from __future__ import annotations

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.tools.failures import BadArguments, ToolDenied


@pytest.mark.parametrize(("leaf", "code"), [(BadArguments, "TOOL_ARGUMENTS"), (ToolDenied, "TOOL_DENIED")])
def test_refusals_go_to_the_model_under_a_stable_code(leaf: type[ToolError], code: str) -> None:
    """A turn that catches ToolError catches these, and clients can tell them apart."""
    error = leaf("no", hint="yes")
    assert isinstance(error, ToolError)
    assert (error.code, error.message, error.hint) == (code, "no", "yes")
