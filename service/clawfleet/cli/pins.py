"""By which certificate a command knows the gateway it talks to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from clawfleet.config.env import Instance
from clawfleet.core.certificate import plain_fingerprint
from clawfleet.host.lock import LockInfo

if TYPE_CHECKING:  # pydantic is not paid for by commands that do not read the config
    from clawfleet.config.models.gateway import GatewayTls


@dataclass(frozen=True, slots=True)
class LocalTls:
    """How this instance's own gateway serves: by TLS or not, and with which certificate, None if that is not known."""

    enabled: bool = False
    pin: str | None = None

    @classmethod
    def of(cls, instance: Instance, lock: LockInfo | None, section: GatewayTls | None) -> LocalTls:
        """What the running gateway of `lock` noted; without one what the config says."""
        if lock is not None:
            return cls(lock.tls_fingerprint is not None, lock.tls_fingerprint)
        if section is None or not section.enabled:
            return CLEAR_TEXT
        from clawfleet.host.tls_files import pin_of_file

        return cls(enabled=True, pin=pin_of_file(section, instance))

    def url(self, scheme: str, port: int) -> str:
        """`wss://127.0.0.1:18789` for the scheme `ws`."""
        return f"{scheme}{'s' if self.enabled else ''}://127.0.0.1:{port}"


CLEAR_TEXT = LocalTls()


class Fingerprint(click.ParamType[str]):
    """A flag that holds the SHA-256 of a certificate."""

    name = "sha256"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Lower-case hex digits."""
        try:
            return plain_fingerprint(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
