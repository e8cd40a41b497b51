"""The seam between a turn and a tool."""

from __future__ import annotations

from pathlib import Path

from clawfleet.tools.base import ToolContext, ToolResult


def test_a_result_is_a_success_without_details_unless_said() -> None:
    """A tool that only has text to give says nothing else."""
    result = ToolResult("done")
    assert (result.is_error, dict(result.details)) == (False, {})


def test_a_context_hands_partial_output_on() -> None:
    """Whatever a tool reports reaches the turn that called it."""
    heard: list[str] = []
    context = ToolContext("run", "agent:main:main", "main", Path("/w"), "call", heard.append)
    context.report("half")
    assert heard == ["half"]
