"""Short ways to fill a session store."""

from clawfleet.core.messages import Message, Usage
from clawfleet.sessions.inputs import Acceptance
from clawfleet.sessions.model import NewInput, Note, Settlement
from clawfleet.sessions.sessions import Sessions

KEY = "agent:main:main"


async def ask(
    store: Sessions, name: str, *, key: str = KEY, is_command: bool = False, resets: bool = False
) -> Acceptance:
    """A message of run `name`, not answered yet."""
    message = Message("user", f"text of {name}")
    return await store.accept(NewInput(name, name, key, "main", message, is_command=is_command, resets=resets))


async def turn(store: Sessions, name: str, *, key: str = KEY, usage: Usage | None = None) -> None:
    """A message of run `name` and its answer."""
    await ask(store, name, key=key)
    note = Note("fake", "one", "stop", usage=usage or Usage(3, 4))
    end = Settlement(name, "done", "answer", "fake/one", usage or Usage(3, 4), context_used=3, started_at_ms=1)
    await store.settle(end, [Message("assistant", f"answer to {name}")], note)
