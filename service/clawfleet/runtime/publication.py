"""What Tailscale shows of a gateway while it runs: a route to a listener of its own, claimed at the start and given
back at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial

from clawfleet.access.ingress import TailscaleListener
from clawfleet.config.models.gateway import Gateway as GatewaySection
from clawfleet.core.tasks import Tasks
from clawfleet.host.notify import notify
from clawfleet.host.tailscale import TailscaleFailed
from clawfleet.host.tailscale_route import RouteWish, claim_route
from clawfleet.runtime.place import Place

log = logging.getLogger("clawfleet.gateway.tailscale")


@contextmanager
def listener_of(section: GatewaySection) -> Generator[TailscaleListener | None, None, None]:
    """The listener that Tailscale is to lead to, closed at the end; None where it leads nowhere."""
    if section.tailscale.mode == "off":
        yield None
        return
    listener = TailscaleListener.open(section.tailscale.mode)
    with listener.socket:
        yield listener


class Publication:
    """The route, from the wish to its end. `settled` is set once it stands, has failed, or is not wanted."""

    def __init__(self, place: Place, listener: TailscaleListener | None) -> None:
        self._place = place
        self._listener = listener
        self._tasks = Tasks()
        self._failure: TailscaleFailed | None = None
        self.settled = asyncio.Event()

    def start(self) -> None:
        """Claim the route, where one is wanted."""
        for remark in remarks(self._place.snapshot.config.gateway, self._place.hosts):
            log.warning("%s", remark)
        if self._listener is None:
            self.settled.set()
        else:
            self._tasks.start(self._hold(self._listener), name="tailscale")

    def check(self) -> None:
        """Raise why the route could not be claimed: a gateway that was to be reached that way does not start."""
        if self._failure is not None:
            raise self._failure

    async def close(self) -> None:
        """Give the route back."""
        await self._tasks.close()

    async def _hold(self, listener: TailscaleListener) -> None:
        environ = self._place.instance.environ
        wish = RouteWish(
            mode=listener.mode,
            target=listener.port,
            gateway_port=self._place.port,
            by_tls=self._place.tls is not None,
            wait_more=partial(_ask_for_time, self._place),
        )
        try:
            route = await claim_route(wish, environ)
        except TailscaleFailed as error:
            self._failure = error
            return
        finally:
            self.settled.set()
        try:
            at = f": https://{route.host}/ (WS via wss://{route.host})" if route.host else ""
            log.info("%s enabled%s", listener.mode, at)
            await route.lost()
            log.warning("%s route ended: nobody comes in that way until the gateway restarts", listener.mode)
        finally:
            await route.close()


def _ask_for_time(place: Place, seconds: float) -> None:
    """Ask the service manager to be patient with the start."""
    notify(f"EXTEND_TIMEOUT_USEC={int(seconds * 1_000_000)}", place.instance.environ)


def remarks(section: GatewaySection, hosts: Sequence[str]) -> list[str]:
    """What an operator should know of a gateway that is to be reached from the tailnet."""
    found: list[str] = []
    if section.bind == "tailnet" and section.tailscale.mode == "serve":
        found.append("gateway.bind=tailnet besides Serve: the tailnet also reaches the port in clear text")
    if section.bind == "tailnet" and all(host in ("127.0.0.1", "::1") for host in hosts):
        found.append("gateway.bind=tailnet, but this machine has no tailnet address: loopback only until a restart")
    return found
