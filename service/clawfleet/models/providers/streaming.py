"""How every wire API moves its bytes: post, decode as the pieces come, end cleanly."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from clawfleet.models.providers.base import Event
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.failures import ProviderTimeout, StreamCut
from clawfleet.models.providers.http import Http


class Decoding(Protocol):
    """What turns the data of one reply's events into `Event`s."""

    @property
    def is_done(self) -> bool:
        """The end mark came."""
        ...

    @property
    def is_finished(self) -> bool:
        """The answer is complete; only usage or the end mark may follow."""
        ...

    def feed(self, data: bytes) -> list[Event]:
        """The events of one chunk. Raises `BadReply`, or `ErrorInStream` with the provider's error object."""
        ...

    def close(self) -> list[Event]:
        """What remains, `Finished` last. Raises `StreamCut`, `BadReply` or `AnswerRefused`."""
        ...


async def streamed(http: Callable[[], Http], call: Call, decoder: Decoding) -> AsyncGenerator[Event, None]:
    """The answer as it arrives; the last event is `Finished`. Raises a leaf of `CallFailed`."""
    async with http().send(call) as reply:
        try:
            async for batch in reply:
                for data in batch:
                    for event in decoder.feed(data):
                        yield event
                if decoder.is_done:
                    await reply.settle()
                    break
                if decoder.is_finished:
                    reply.hurry()
        except (StreamCut, ProviderTimeout):
            if not decoder.is_finished:  # what follows the end of the answer is worth a wait, not a failure
                raise
    for event in decoder.close():
        yield event
