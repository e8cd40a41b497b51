"""Sessions and messages as clients see them."""

from pathlib import Path

from clawfleet.core.messages import Image, Message, ToolCall
from clawfleet.rpc.registry import to_wire
from clawfleet.rpc.shapes import ChatMessage, SessionDefaults, SessionRow
from clawfleet.sessions.model import Entry, Session
from tests.unit.rpc.house import House, open_house


def shown(message: Message, *, run_id: str | None = "run-1", max_chars: int = 100) -> dict[str, object]:
    wire: dict[str, object] = to_wire(ChatMessage.of(Entry("s", 7, "e-7", run_id, 1234, message), max_chars))
    return wire


def test_a_users_words_are_plain_text_under_the_key_of_their_run() -> None:
    assert shown(Message("user", "hi")) == {
        "role": "user",
        "content": "hi",
        "timestamp": 1234,
        "idempotencyKey": "run-1:user",
        "__openclaw": {"id": "e-7", "seq": 7, "runId": "run-1"},
    }


def test_an_answer_names_its_run_so_that_no_client_shows_it_twice() -> None:
    wire = shown(Message("assistant", "hello"))
    assert wire["content"] == [{"type": "text", "text": "hello"}]
    assert wire["__openclaw"] == {"id": "e-7", "seq": 7, "runId": "run-1"}
    assert "idempotencyKey" not in wire


def test_an_empty_answer_is_still_a_text() -> None:
    assert shown(Message("assistant", ""))["content"] == [{"type": "text", "text": ""}]


def test_pictures_and_tool_calls_are_parts_beside_the_text() -> None:
    call = ToolCall("c1", "exec", '{"command":"ls"}')
    assert shown(Message("user", "look", images=(Image("image/png", "AAAA"),)))["content"] == [
        {"type": "text", "text": "look"},
        {"type": "image", "mimeType": "image/png", "data": "AAAA"},
    ]
    assert shown(Message("assistant", "", tool_calls=(call,)))["content"] == [
        {"type": "toolCall", "id": "c1", "name": "exec", "arguments": {"command": "ls"}}
    ]


def test_a_tools_result_says_whose_it_is_and_whether_it_failed() -> None:
    wire = shown(Message("tool", "boom", tool_call_id="c1", tool_name="exec", is_error=True))
    assert (wire["role"], wire["toolCallId"], wire["toolName"], wire["isError"]) == ("toolResult", "c1", "exec", True)


def test_only_what_is_too_long_is_cut() -> None:
    assert shown(Message("user", "x" * 100))["content"] == "x" * 100
    assert shown(Message("user", "x" * 101))["content"] == "x" * 100 + "…"


async def test_a_session_shows_the_model_that_it_used_last_else_its_agents(house: House) -> None:
    session = Session("agent:main:x", "s", "main", 1, 2)
    assert SessionRow.of(session, house.gateway).model == "echo"
    used = Session("agent:main:x", "s", "main", 1, 2, model="gone/away", input_tokens=3, output_tokens=4)
    row = SessionRow.of(used, house.gateway)
    assert (row.model_provider, row.model, row.total_tokens, row.context_tokens) == ("gone", "away", 7, 0)


async def test_defaults_are_those_of_the_agent_that_answers_by_default(tmp_path: Path) -> None:
    provider = {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k", "models": [{"id": "one"}]}
    config = {
        "models": {"providers": {"fake": provider}},
        "agents": {"entries": {"main": {}, "ops": {"default": True, "model": "demo/echo"}}},
    }
    async with open_house(tmp_path, config) as house:
        assert SessionDefaults.of(house.gateway).model == "echo"


async def test_defaults_never_fail_on_a_model_that_is_not_there(tmp_path: Path) -> None:
    async with open_house(tmp_path, {"agents": {"defaults": {"model": "nobody/nothing"}}}) as house:
        defaults = SessionDefaults.of(house.gateway)
    assert (defaults.model_provider, defaults.model, defaults.context_tokens) == ("nobody", "nothing", 0)
