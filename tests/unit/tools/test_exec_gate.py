"""What stands before a command on the host."""

import asyncio
import sys
from pathlib import Path

import pytest

from clawfleet.config.models.tools import ExecConfig
from clawfleet.core.requester import Requester
from clawfleet.tools.approvals import Approval, Approvals
from clawfleet.tools.base import ToolContext
from clawfleet.tools.desk import Chat, Route
from clawfleet.tools.exec_document import ExecDocument
from clawfleet.tools.exec_gate import ExecGate, question
from clawfleet.tools.exec_policy import ApprovalsDocument, Rules
from clawfleet.tools.failures import ToolDenied
from tests.support.desk import FakeDesk

PATH = "/usr/bin:/bin"


class Booth:
    """A gate, its document, and a person who says `answer` to everything; nobody is there without one."""

    def __init__(self, home: Path, answer: str | None = None) -> None:
        self.document = ExecDocument(home)
        self.approvals = Approvals()
        self.asked: list[Approval] = []
        self.gate = ExecGate(self.document, self.approvals)
        self.home = home

        def announce(approval: Approval) -> int:
            self.asked.append(approval)
            if answer is None:
                return 0
            asyncio.get_running_loop().call_soon(self.approvals.resolve, approval.id, answer, "page")
            return 1

        self.approvals.announce = announce

    async def check(self, line: str, **config: object) -> None:
        context = ToolContext("r1", "agent:main:main", "main", self.home, "c1", lambda text: None)
        await self.gate.check(ExecConfig.model_validate(config), context, line, str(self.home), PATH)


async def test_without_rules_everything_runs_and_nobody_is_asked(tmp_path: Path) -> None:
    booth = Booth(tmp_path)
    await booth.check("rm -rf ./x; true")
    assert booth.asked == []


async def test_what_is_switched_off_does_not_run(tmp_path: Path) -> None:
    with pytest.raises(ToolDenied, match="switched off"):
        await Booth(tmp_path, "allow-once").check("ls", mode="deny")
    with pytest.raises(ToolDenied, match="not on the allowlist"):
        await Booth(tmp_path, "allow-once").check("ls", mode="allowlist")


async def test_a_yes_lets_it_run_once(tmp_path: Path) -> None:
    booth = Booth(tmp_path, "allow-once")
    for _ in range(2):
        await booth.check("ls -la", ask="always")
    first = booth.asked[0].asked
    assert len(booth.asked) == 2 and first.allowed == ("allow-once", "deny")
    assert (first.command, first.agent_id, first.run_id, first.tool_call_id) == ("ls -la", "main", "r1", "c1")
    assert first.resolved_path is not None and first.resolved_path.endswith("/ls")


async def test_a_yes_for_always_is_remembered_for_this_very_command(tmp_path: Path) -> None:
    booth = Booth(tmp_path, "allow-always")
    await booth.check("ls -la", mode="ask")
    await booth.check("ls -la", mode="ask")
    assert len(booth.asked) == 1
    await booth.check("ls -l", mode="ask")
    assert len(booth.asked) == 2


async def test_a_no_says_who_said_it(tmp_path: Path) -> None:
    booth = Booth(tmp_path, "deny")
    with pytest.raises(ToolDenied, match=r"Exec denied \(gateway id=.*, user-denied\): ls") as refused:
        await booth.check("ls", ask="always")
    assert booth.asked[0].id in refused.value.message


async def test_with_nobody_there_it_is_refused_with_the_policy_and_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ToolDenied, match="Headless runs cannot wait") as refused:
        await Booth(tmp_path).check("ls", ask="always")
    assert "ask=always" in refused.value.message and "tools.exec.mode" in (refused.value.hint or "")


async def test_the_document_may_say_that_nobody_need_be_there(tmp_path: Path) -> None:
    booth = Booth(tmp_path)
    rules = ApprovalsDocument(defaults=Rules(ask="always", ask_fallback="full"))
    booth.document.write(rules, booth.document.read().hash)
    await booth.check("ls")
    assert booth.asked[0].reason == "no-route"


async def test_a_turn_that_is_stopped_asks_no_longer(tmp_path: Path) -> None:
    booth = Booth(tmp_path)
    booth.approvals.announce = lambda approval: 1
    checking = asyncio.ensure_future(booth.check("ls", ask="always"))
    async with asyncio.timeout(30):
        while not booth.approvals.pending():
            await asyncio.sleep(0.01)
    checking.cancel()
    await asyncio.wait([checking])
    assert booth.approvals.pending() == ()


async def test_rules_that_cannot_be_read_let_nothing_run(tmp_path: Path) -> None:
    booth = Booth(tmp_path, "allow-once")
    booth.document.path.write_text("{")
    with pytest.raises(ToolDenied, match="cannot be used"):
        await booth.check(sys.executable)


OWNER = Requester("telegram", chat_type="direct", chat_id="42", sender_id="42", may_approve=True)


@pytest.mark.parametrize("to", ["42", "0"])
async def test_who_may_approve_is_asked_in_their_chat(tmp_path: Path, to: str) -> None:
    """With the answers to copy; when the chat cannot be reached, others can still answer."""
    booth = Booth(tmp_path)
    desk = FakeDesk(None, chats={"r1": Chat(Route("telegram", "default"), to)})  # type: ignore[arg-type]
    booth.gate = ExecGate(booth.document, booth.approvals, OWNER, desk)
    checking = asyncio.ensure_future(booth.check("ls -la", ask="always"))
    while not booth.asked:
        await asyncio.sleep(0)
    (approval,) = booth.asked
    assert approval.asked.requester == OWNER
    for _ in range(3):
        await asyncio.sleep(0)
    assert [letter.text for letter in desk.sent] == ([] if to == "0" else [question(approval)])
    assert f"/approve {approval.id} allow-once" in question(approval) and "ls -la" in question(approval)
    booth.approvals.resolve(approval.id, "allow-once", "telegram:42")
    await checking


async def test_others_are_not_asked_in_theirs(tmp_path: Path) -> None:
    booth = Booth(tmp_path)
    desk = FakeDesk(None, chats={"r1": Chat(Route("telegram", "default"), "7")})  # type: ignore[arg-type]
    booth.gate = ExecGate(booth.document, booth.approvals, Requester("telegram", sender_id="7"), desk)
    with pytest.raises(ToolDenied, match="Headless runs cannot wait"):
        await booth.check("ls", ask="always")
    assert desk.sent == []
