"""Fan-out: who sees what, numbered for each."""

from clawfleet.agents.events import RunEvent, TextGrew, ToolStarted
from clawfleet.protocol.handshake import Client
from clawfleet.rpc.clients import Caller, watching_messages, watching_sessions
from clawfleet.server.broadcast import Broadcast


class Listener:
    made = 0

    def __init__(self, *scopes: str, caps: tuple[str, ...] = ()) -> None:
        Listener.made += 1
        client = Client(id="cli", version="1", platform="linux", mode="cli")
        self.caller = Caller(f"conn-{Listener.made}", client, scopes, True, caps=caps)
        self.heads: list[str] = []
        self.frames: list[str] = []
        self.closed: tuple[int, str] | None = None

    def post(self, head: str, *, droppable: bool = False) -> None:
        self.heads.append(head)

    def put(self, frame: str) -> None:
        self.frames.append(frame)

    def close(self, code: int, reason: str) -> None:
        self.closed = code, reason


def hub_of(*listeners: Listener) -> Broadcast:
    hub = Broadcast()
    for listener in listeners:
        hub.join(listener)
    return hub


def test_conversations_reach_readers_only_and_ticks_everybody() -> None:
    reader, stranger = Listener("operator.read"), Listener()
    hub = hub_of(reader, stranger)
    hub.tell("tick", {"ts": 1})
    hub.tell_run(RunEvent("r", "k", "s", "main", 1, 0, TextGrew("a", "a", "i")))
    assert len(stranger.heads) == 1
    assert ['"event":"agent"' in head for head in reader.heads] == [False, True, False]


def test_the_tool_stream_goes_to_those_who_announced_it() -> None:
    plain, rich = Listener("operator.read"), Listener("operator.read", caps=("tool-events",))
    hub = hub_of(plain, rich)
    hub.tell_run(RunEvent("r", "k", "s", "main", 1, 0, ToolStarted("c", "exec", {}, 0)))
    assert (len(plain.heads), len(rich.heads)) == (1, 2)
    hub.leave(rich)
    assert len(hub) == 1


def test_what_must_be_asked_for_reaches_those_who_asked() -> None:
    idle, lister, reader = (Listener("operator.read") for _ in range(3))
    lister.caller.state.watches_sessions = True
    reader.caller.state.watched_messages.add("agent:main:main")
    hub = hub_of(idle, lister, reader)
    hub.tell("sessions.changed", {}, to=watching_sessions)
    hub.tell("session.message", {}, to=watching_messages("agent:main:main"))
    hub.tell("session.message", {}, to=watching_messages("agent:main:other"))
    assert (len(idle.heads), len(lister.heads), len(reader.heads)) == (0, 1, 1)


def test_asking_does_not_replace_a_scope() -> None:
    stranger = Listener()
    stranger.caller.state.watches_sessions = True
    hub_of(stranger).tell("sessions.changed", {}, to=watching_sessions)
    assert stranger.heads == []


def test_a_directed_event_has_no_number_and_asks_for_no_scope() -> None:
    one, other = Listener(), Listener("operator.admin")
    sent = hub_of(one, other).send("node.invoke.request", {"id": "1"}, to=lambda caller: caller is one.caller)
    assert (sent, one.heads, other.frames) == (1, [], [])
    assert one.frames == ['{"type":"event","event":"node.invoke.request","payload":{"id":"1"}}']


def test_some_can_be_hung_up_on_and_the_rest_stay() -> None:
    one, other = Listener(), Listener()
    hub = hub_of(one, other)
    assert hub.hang_up(lambda caller: caller is one.caller, 4001, "device removed") == 1
    assert (one.closed, other.closed) == ((4001, "device removed"), None)
    assert hub.callers() == (one.caller, other.caller)
