"""Fan-out: who sees what, numbered for each."""

from clawfleet.agents.events import RunEvent, TextGrew, ToolStarted
from clawfleet.server.broadcast import Broadcast


class Listener:
    def __init__(self, *scopes: str, caps: tuple[str, ...] = ()) -> None:
        self.scopes = scopes
        self.caps = caps
        self.heads: list[str] = []

    def post(self, head: str, *, droppable: bool = False) -> None:
        self.heads.append(head)


def test_conversations_reach_readers_only_and_ticks_everybody() -> None:
    hub, reader, stranger = Broadcast(), Listener("operator.read"), Listener()
    hub.join(reader)
    hub.join(stranger)
    hub.tell("tick", {"ts": 1})
    hub.tell_run(RunEvent("r", "k", "s", "main", 1, 0, TextGrew("a", "a", "i")))
    assert len(stranger.heads) == 1
    assert ['"event":"agent"' in head for head in reader.heads] == [False, True, False]


def test_the_tool_stream_goes_to_those_who_announced_it() -> None:
    hub, plain, rich = Broadcast(), Listener("operator.read"), Listener("operator.read", caps=("tool-events",))
    hub.join(plain)
    hub.join(rich)
    hub.tell_run(RunEvent("r", "k", "s", "main", 1, 0, ToolStarted("c", "exec", {}, 0)))
    assert (len(plain.heads), len(rich.heads)) == (1, 2)
    hub.leave(rich)
    assert len(hub) == 1
