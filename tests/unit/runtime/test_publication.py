"""What Tailscale shows of a gateway while it runs."""

import socket
from pathlib import Path

import pytest

from clawfleet.access.ingress import TailscaleListener
from clawfleet.config.models.gateway import Gateway
from clawfleet.host.tailscale import TailscaleFailed
from clawfleet.runtime.publication import Publication, listener_of, remarks
from tests.support.tailscale import FakeTailscale, without_tailscale
from tests.unit.runtime.conftest import TakePlace


def test_a_listener_is_there_where_tailscale_is_asked_for() -> None:
    with listener_of(Gateway()) as none, listener_of(Gateway.model_validate({"tailscale": {"mode": "serve"}})) as made:
        assert none is None
        assert made is not None
        assert made.socket.fileno() >= 0
    assert made.socket.fileno() == -1


@pytest.mark.parametrize(
    ("section", "hosts", "words"),
    [
        ({}, ("127.0.0.1",), []),
        ({"bind": "tailnet"}, ("100.64.0.9", "127.0.0.1"), []),
        ({"bind": "tailnet"}, ("127.0.0.1", "::1"), ["no tailnet address"]),
        ({"bind": "tailnet", "tailscale": {"mode": "serve"}}, ("100.64.0.9", "127.0.0.1"), ["in clear text"]),
    ],
)
def test_what_an_operator_should_know(section: dict[str, object], hosts: tuple[str, ...], words: list[str]) -> None:
    found = remarks(Gateway.model_validate(section), hosts)
    assert [word in text for word, text in zip(words, found, strict=True)] == [True] * len(words)


async def test_nothing_is_claimed_where_nothing_is_asked_for(take: TakePlace) -> None:
    publication = Publication(take(), None)
    publication.start()
    assert publication.settled.is_set()
    publication.check()
    await publication.close()


async def test_it_is_claimed_told_and_given_back(
    take: TakePlace, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakeTailscale(tmp_path / "bin")
    place = take(environ=fake.environ)
    listener = TailscaleListener.open("serve")
    publication = Publication(place, listener)
    with listener.socket, caplog.at_level("INFO"):
        publication.start()
        await publication.settled.wait()
        publication.check()
        await publication.close()
    assert "serve enabled: https://edge-1.tail1234.ts.net/" in caplog.text
    assert fake.calls()[-1] == f"serve --yes --bg=false {listener.port}"
    assert fake.state()["foreground"] == {}


async def test_why_it_failed_is_raised(take: TakePlace, tmp_path: Path) -> None:
    place = take(environ={"PATH": without_tailscale(tmp_path / "none")})
    with socket.socket() as unused:
        publication = Publication(place, TailscaleListener("serve", 1, unused))
        publication.start()
        await publication.settled.wait()
        with pytest.raises(TailscaleFailed, match="no `tailscale` command"):
            publication.check()
        await publication.close()
