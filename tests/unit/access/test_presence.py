"""Who is in."""

from clawfleet.access.presence import Presence, own_row
from clawfleet.protocol.handshake import Client


def client(mode: str) -> Client:
    return Client.model_validate({"id": "webchat", "version": "1", "platform": "linux", "mode": mode})


def test_pages_come_and_go_and_each_change_is_told_and_counted() -> None:
    presence, told = Presence(own_row("0")), []
    presence.changed = lambda: told.append(presence.version)
    presence.enter("a", client("webchat"), ip=None, scopes=("operator.read",))
    assert [row.mode for row in presence.rows()] == ["gateway", "webchat"]
    presence.leave("a")
    presence.leave("a")
    assert [row.mode for row in presence.rows()] == ["gateway"]
    assert told == [2, 3]


def test_command_lines_and_probes_are_not_listed() -> None:
    presence = Presence(own_row("0"))
    for mode in ("cli", "backend", "probe"):
        presence.enter(mode, client(mode), ip=None, scopes=())
    assert len(presence.rows()) == 1
