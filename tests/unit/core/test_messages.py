"""What is said: tool calls parse, usage adds up."""

from clawfleet.core.messages import ToolCall, Usage


def test_arguments_parse_to_an_object() -> None:
    assert ToolCall("1", "exec", '{"command": "ls"}').parsed() == {"command": "ls"}
    assert ToolCall("1", "exec", "").parsed() == {}


def test_usage_adds_up_kind_by_kind() -> None:
    total = Usage(1, 2, 3, 4) + Usage(10, 20, 30, 40)
    assert total == Usage(11, 22, 33, 44)
    assert total.total == 110
