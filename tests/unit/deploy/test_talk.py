"""One kept connection to a host, which may end at any moment. The host is this machine, its agent a shell text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clawfleet.fleet.models.host import Connect
from control.reach import HostFailedError, Reach
from control.talk import Talk

TAKE = "read -r scripts; read -r order; "
GOOD = TAKE + """echo '{"answer": 1}'; """
SAYS = "echo 'Connection to a closed by remote host.' >&2; exit 255"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Talk]:
    """A host over ssh, as far as failures are told, whose connections are these shell texts, one after the other."""

    def made(*texts: str) -> Talk:
        left = list(texts)
        monkeypatch.setattr(Reach, "command", lambda *_, **__: ["sh", "-c", left.pop(0)])
        return Talk(Reach("a", Connect(hostname="a"), Path()), looks=False)

    return made


@pytest.mark.parametrize(
    "text",
    [
        SAYS,
        f"read -r scripts; {SAYS}",
        TAKE + SAYS,
        f"{TAKE}printf '{{\"answer\": '; {SAYS}",
        f"{TAKE}echo noise; {SAYS}",
    ],
    ids=["at once", "after the scripts", "before the answer", "in the answer", "after other words"],
)
async def test_a_cut_is_told_once_and_the_next_question_has_a_connection(host: Any, text: str) -> None:
    """Whenever it comes; a question larger than what a pipe holds is no other case."""
    talk = host(text, GOOD)
    with pytest.raises(HostFailedError) as caught:
        await talk.ask("run", {"stdin": "x" * 2**18})
    told = ("connect", "Connection to a closed by remote host.", "try: ssh -p 22 root@a")
    assert (caught.value.step, caught.value.cause, caught.value.hint) == told
    assert await talk.ask("run", {}) == 1
    await talk.close()


async def test_a_connection_that_ends_between_two_questions_is_made_anew(host: Any) -> None:
    """Nobody notices."""
    talk = host(f"{GOOD}exit 255", GOOD)
    assert await talk.ask("run", {}) == 1
    assert talk._process is not None
    await talk._process.wait()
    assert await talk.ask("run", {}) == 1
    await talk.close()


async def test_a_cut_without_words_is_told_in_ours(host: Any) -> None:
    with pytest.raises(HostFailedError, match=r"^a: connect: ssh ended without a word$"):
        await host(f"{TAKE}exit 255").ask("run", {})


async def test_closing_minds_neither_a_dead_connection_nor_one_that_does_not_end(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor that there is none."""
    monkeypatch.setattr("control.talk.LEAVE_S", 0.1)
    await host().close()
    for text in (f"{GOOD}exit 255", f"{GOOD}exec sleep 60"):
        talk = host(text)
        assert await talk.ask("run", {}) == 1
        await asyncio.wait_for(talk.close(), 30)
        await talk.close()


async def test_an_answer_that_nobody_waits_for_any_more_is_not_taken_for_the_next(host: Any) -> None:
    talk = host(f"{TAKE}exec sleep 60", GOOD)
    asked = asyncio.ensure_future(talk.ask("run", {}))
    while talk._process is None:
        await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await talk.ask("run", {}) == 1
    await talk.close()
