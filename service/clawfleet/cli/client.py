"""A small synchronous client of the gateway's WebSocket protocol (v4): connect, call, read events.

It knows the wire and the failures; which gateway to ask and with which credential is decided in `target.py`.
Source: protocol §2, §3, §7, §11.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import ClientConnection, connect

from clawfleet import __version__
from clawfleet.cli.door import Door
from clawfleet.cli.refusals import ConnectRefused, connect_refused
from clawfleet.core.errors import GatewayError, HostError, RequestError
from clawfleet.core.ids import new_id
from clawfleet.host.tls_pin import PinnedContext
from clawfleet.protocol.limits import MAX_FRAME, OLDEST_PROTOCOL, PROTOCOL

Mode = Literal["cli", "probe"]
OnEvent = Callable[[str, Mapping[str, Any]], None]


class GatewayUnreachable(HostError):
    """Nobody listens there, or the name does not resolve."""

    code = "GATEWAY_UNREACHABLE"


class GatewaySilent(HostError):
    """Somebody accepted the connection, and then nothing came in time."""

    code = "GATEWAY_TIMEOUT"


class NotAGateway(HostError):
    """Who listens there speaks something else."""

    code = "NOT_A_GATEWAY"


class UntrustedCertificate(HostError):
    """Nothing says that the certificate there is the gateway's."""

    code = "TLS_UNTRUSTED"


class GatewayClosed(HostError):
    """The gateway closed the socket; the message carries its close code and reason."""

    code = "GATEWAY_CLOSED"


class CallFailed(GatewayError):
    """The gateway answered a call with an error; `error` is its error object, `details` what is stable in it."""

    code = "CALL_FAILED"

    def __init__(self, method: str, error: Mapping[str, Any]) -> None:
        told = error.get("details")
        details = dict(told) if isinstance(told, Mapping) else {}
        hint = details.pop("hint", None)
        known = {name: error[name] for name in ("code", "retryAfterMs") if error.get(name) is not None}
        super().__init__(str(error.get("message") or "no message"), hint=hint, **known | details | {"method": method})
        self.method = method
        self.error = error


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect and what to show at the door. `source` says where the credential came from.

    With an `identity_dir` the command comes as the device that is kept there. `pin` is the fingerprint of the only
    certificate that is trusted; without one those are that this machine trusts.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    source: str = "none"
    timeout_s: float = 10.0
    identity_dir: Path | None = None
    pin: str | None = None


class GatewayClient:
    """One open connection to a gateway. Use as a context manager, or call `close()`."""

    def __init__(self, target: Target) -> None:
        self._open = ExitStack()
        self._socket = _dial(target, self._open)
        self._target = target
        self._sent = 0
        self.hello: Mapping[str, Any] = {}
        self.latency_ms = 0

    @classmethod
    def open(cls, target: Target, *, mode: Mode = "cli", scopes: tuple[str, ...] = ("operator.admin",)) -> Self:
        """A connected client. Raises GatewayUnreachable, GatewaySilent, NotAGateway, ConnectRefused, GatewayClosed."""
        started = time.monotonic()
        door = Door(target.url, target.token, target.password, target.identity_dir)
        try:
            client = cls._enter(target, door, mode, scopes)
        except ConnectRefused as refusal:
            if not door.learn(refusal):
                raise
            client = cls._enter(target, door, mode, scopes)
        client.latency_ms = round((time.monotonic() - started) * 1000)
        return client

    @classmethod
    def _enter(cls, target: Target, door: Door, mode: Mode, scopes: tuple[str, ...]) -> Self:
        client = cls(target)
        try:
            client._introduce(door, mode, scopes)
        except BaseException:
            client.close()
            raise
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket; harmless when it is already closed."""
        self._open.close()

    def call(self, method: str, params: Mapping[str, Any] | None = None, *, timeout_s: float | None = None) -> Any:
        """The payload of the answer to one request. Raises CallFailed, GatewaySilent or GatewayClosed."""
        return self.converse(method, params, timeout_s=timeout_s)

    def converse(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        on_event: OnEvent | None = None,
        more: Callable[[Any], bool] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """The payload of the last answer to one request, handing every event that comes before it to `on_event`.

        `more(payload)` says whether another answer with the same id follows: `agent` first answers `accepted`.
        """
        request_id = self._send(method, params)
        for frame in self._frames(timeout_s or self._target.timeout_s, waiting_for=method):
            if frame.get("type") == "event" and on_event is not None:
                on_event(str(frame.get("event")), frame.get("payload") or {})
            if frame.get("type") != "res" or frame.get("id") != request_id:
                continue
            if not frame.get("ok"):
                raise CallFailed(method, frame.get("error") or {})
            payload = frame.get("payload")
            if more is None or not more(payload):
                return payload
        raise GatewaySilent(f"no answer to {method}")

    def _introduce(self, door: Door, mode: Mode, scopes: tuple[str, ...]) -> None:
        frames = self._frames(self._target.timeout_s, waiting_for="connect.challenge")
        first = next(frames)
        if first.get("event") != "connect.challenge":
            raise _not_a_gateway(self._target.url, "its first frame is not connect.challenge")
        params = {
            "minProtocol": OLDEST_PROTOCOL if mode == "probe" else PROTOCOL,
            "maxProtocol": PROTOCOL,
            "client": {"id": "cli", "version": __version__, "platform": sys.platform, "mode": mode},
            "role": "operator",
            "scopes": list(scopes),
            "caps": [],
        }
        request_id = self._send("connect", door.present(params, first.get("payload") or {}))
        for frame in self._frames(self._target.timeout_s, waiting_for="connect"):
            if frame.get("id") == request_id:
                break
        if not frame.get("ok"):
            raise connect_refused(frame.get("error") or {})
        self.hello = frame.get("payload") or {}
        door.accepted(self.hello.get("auth") or {})

    def _send(self, method: str, params: Mapping[str, Any] | None) -> str:
        self._sent += 1
        request_id = f"{self._sent}:{new_id()}"
        frame: dict[str, Any] = {"type": "req", "id": request_id, "method": method}
        if params is not None:
            frame["params"] = params
        try:
            self._socket.send(json.dumps(frame))
        except ConnectionClosed as error:
            raise _closed(error) from error
        return request_id

    def _frames(self, timeout_s: float, *, waiting_for: str) -> Iterator[Mapping[str, Any]]:
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                data = self._socket.recv(timeout=max(0.0, deadline - time.monotonic()))
            except TimeoutError as error:
                raise GatewaySilent(
                    f"gateway at {self._target.url} did not answer {waiting_for} within {timeout_s:g} s",
                    hint="see `openclaw logs`; a longer wait: --timeout <ms>",
                ) from error
            except ConnectionClosed as error:
                raise _closed(error) from error
            yield _parse(data, self._target.url)


def _dial(target: Target, closing: ExitStack) -> ClientConnection:
    url, patience_s = target.url, target.timeout_s
    tls = PinnedContext.of(target.pin) if target.pin and url.startswith("wss:") else None
    try:
        dialled = connect(
            url, ssl=tls, open_timeout=patience_s, close_timeout=2, max_size=MAX_FRAME, compression=None, proxy=None
        )
        return closing.enter_context(dialled)
    except InvalidURI as error:
        raise RequestError(f"not a gateway URL: {url}", hint="expected ws://host:port or wss://host") from error
    except InvalidStatus as error:
        raise _not_a_gateway(url, f"it answers HTTP {error.response.status_code}") from error
    except InvalidHandshake as error:
        raise _not_a_gateway(url, "it does not speak HTTP; does it serve by TLS, wss://?") from error
    except ssl.SSLCertVerificationError as error:
        raise UntrustedCertificate(
            f"the certificate of {url} is not trusted on this machine: {error.verify_message}",
            hint="pin it: --tls-fingerprint or gateway.remote.tlsFingerprint, with the SHA-256 that its operator tells",
        ) from error
    except ssl.SSLError as error:
        raise _not_a_gateway(url, "it does not speak TLS; does it serve in clear text, ws://?") from error
    except TimeoutError as error:
        raise GatewaySilent(
            f"{url} accepted no WebSocket within {target.timeout_s:g} s", hint="openclaw gateway status"
        ) from error
    except (OSError, EOFError) as error:
        raise GatewayUnreachable(
            f"Gateway not reachable at {url} ({_os_word(error)}).", hint="start it: openclaw gateway run"
        ) from error


def _os_word(error: OSError | EOFError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "ECONNREFUSED"
    return str(error) or type(error).__name__


def _parse(data: str | bytes, url: str) -> Mapping[str, Any]:
    try:
        frame = json.loads(data)
    except ValueError as error:
        raise _not_a_gateway(url, "it sends something that is not JSON") from error
    if not isinstance(frame, dict):
        raise _not_a_gateway(url, "its frames are not JSON objects")
    return frame


def _not_a_gateway(url: str, why: str) -> NotAGateway:
    return NotAGateway(f"{url} is not an OpenClaw gateway: {why}", hint="see who listens: openclaw gateway status")


def _closed(error: ConnectionClosed) -> GatewayClosed:
    if error.rcvd is None:
        return GatewayClosed("gateway closed (1006 abnormal closure (no close frame)): no close reason")
    return GatewayClosed(f"gateway closed ({error.rcvd.code}): {error.rcvd.reason or 'no close reason'}")
