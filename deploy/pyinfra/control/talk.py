"""One connection to a host for all that a command asks there: what a connection costs is paid once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import IO, Any

from control.reach import Reach, end, line, scripts

LEAVE_S = 5


class Talk:
    """A host that is asked again and again. A connection that ended is made anew for the next question."""

    def __init__(self, reach: Reach, *, looks: bool = True) -> None:
        self.reach = reach
        self._looks = looks  # no secret travels
        self.host = reach.host
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._said: IO[bytes] | None = None

    async def ask(self, verb: str, order: Any) -> Any:
        """What the verb of `remote/agent.py` answers. Raises HostFailedError."""
        async with self._turn:
            try:
                return await self._answer(verb, order)
            except asyncio.CancelledError:
                if self._process is not None and self._process.returncode is None:
                    self._process.kill()  # its answer would be taken for that to the next question
                await self._ended()
                raise

    async def _answer(self, verb: str, order: Any) -> Any:
        process = await self._running()
        assert process.stdin and process.stdout
        with contextlib.suppress(ConnectionError):  # its last words are read below
            process.stdin.write(line(verb, order))
            await process.stdin.drain()
        answer = await process.stdout.readline()
        try:
            return json.loads(answer)["answer"]
        except (ValueError, KeyError, TypeError):
            raise self.reach.failed(verb, *await self._ended()) from None

    async def close(self) -> None:
        """Ends the connection, if there is one."""
        async with self._turn:
            await self._ended()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is not None:
            await self._ended()
        if self._process is None:
            with contextlib.ExitStack() as stack:
                said = stack.enter_context(tempfile.TemporaryFile())
                self._process = await self.reach.start(self.reach.agent(), said, looks=self._looks)
                self._said = said
                stack.pop_all()  # closed with the process
            assert self._process.stdin
            self._process.stdin.write(self.reach.prelude + scripts())
        return self._process

    async def _ended(self) -> tuple[int, str]:
        """Exit code and last words of the connection, which is gone afterwards."""
        process, said = self._process, self._said
        self._process, self._said = None, None
        if process is None or said is None:
            return 0, ""
        assert process.stdin
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), LEAVE_S)
        except TimeoutError:
            await end(process)
        with said:
            said.seek(0)
            return process.returncode or 0, said.read().decode(errors="replace")


@contextlib.asynccontextmanager
async def talks(reaches: Mapping[str, Reach]) -> AsyncIterator[dict[str, Talk]]:
    """Host → the connection to it, opened when it is first asked, closed at the end."""
    opened = {host: Talk(reach) for host, reach in reaches.items()}
    try:
        yield opened
    finally:
        await close_all(opened)


async def close_all(opened: Mapping[str, Talk]) -> None:
    """Ends all connections; the next question opens one anew."""
    await asyncio.gather(*(talk.close() for talk in opened.values()))
