"""One request in, one response out: who may, then method, then parameters, then the call, with every failure mapped."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from pydantic import ValidationError

from clawfleet.core.errors import AccessError, GatewayError, RequestError
from clawfleet.protocol.frames import RequestFrame, error_shape, refusal, response
from clawfleet.protocol.problems import first_problem
from clawfleet.protocol.scopes import ADMIN, grants
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.clients import Caller
from clawfleet.rpc.registry import Method, Params, to_wire
from clawfleet.server.write_limit import WriteLimit

log = logging.getLogger("clawfleet.rpc")

FollowUp = Callable[[Awaitable[Any]], None]
MAX_ROLE_ERRORS = 10
"""In a row; one more and the socket is closed (protocol §7)."""


class WrongRole(RequestError):
    """An operator asked what only nodes may, or the other way round."""

    code = "UNAUTHORIZED_ROLE"

    def __init__(self, role: str) -> None:
        super().__init__(f"unauthorized role: {role}")


class ScopeMissing(AccessError):
    """The caller lacks a scope; the words and details are those that clients of the protocol know."""

    code = "MISSING_SCOPE"

    def __init__(self, scope: str) -> None:
        super().__init__(f"missing scope: {scope}", missingScope=scope, requiredScopes=[scope])


class Dispatcher:
    """Answers requests from the table of methods."""

    def __init__(self, gateway: Gateway, methods: Mapping[str, Method], names: Sequence[str]) -> None:
        """`names` are the methods on offer, for `hello-ok`; others are for those who need them only."""
        self._gateway = gateway
        self._methods = methods
        self.names = list(names)
        self._limit = WriteLimit()

    async def answer(self, request: RequestFrame, caller: Caller, follow_up: FollowUp) -> str:
        """The response frame. Never raises for what a client sent."""
        metrics, since = self._gateway.metrics, perf_counter()
        labels = {"method": request.method if request.method in self._methods else "unknown"}
        metrics.count("openclaw_gateway_rpc_requests_total", labels)
        try:
            return await respond(request, self._answer(request, caller, follow_up))
        finally:
            metrics.observe("openclaw_gateway_rpc_handler_seconds", labels, perf_counter() - since)

    async def ask(self, name: str, params: dict[str, Any], caller: Caller) -> Any:
        """What a method answers to `caller`, who did not ask by a frame of its own. Raises `GatewayError`."""
        later: list[Awaitable[Any]] = []
        return to_wire(await self._answer(RequestFrame("", name, params), caller, later.append))

    async def _answer(self, request: RequestFrame, caller: Caller, follow_up: FollowUp) -> Any:
        method = self._admitted(request.method, caller)
        params = _read(method, request.params)
        if method.terms.further is not None:
            _check(caller, method.terms.further(params))
        if method.terms.limited:
            self._limit.take(method.name, caller)
        call = Call(self._gateway, caller, follow_up)
        key = getattr(params, "idempotency_key", None) if method.terms.once else None
        if key is None:
            return await method.run(call, params)

        async def work() -> Any:
            return to_wire(await method.run(call, params))

        asked = params.model_dump(mode="json", exclude={"idempotency_key"})
        return await self._gateway.answers.once(method.name, key, asked, work)

    def _admitted(self, name: str, caller: Caller) -> Method:
        """The method that `caller` may call. Scope comes first: who may not do everything learns not what exists."""
        if name == "connect":
            raise RequestError("connect is only valid as the first request")
        method = self._methods.get(name)
        if caller.role != (method.terms.role if method else "operator"):
            self._count(caller)
            raise WrongRole(caller.role)
        caller.state.role_errors = 0
        _check(caller, method.terms.scope if method else ADMIN)
        if method is None:
            raise RequestError(f"unknown method: {name}")
        return method

    def _count(self, caller: Caller) -> None:
        caller.state.role_errors += 1
        if caller.state.role_errors > MAX_ROLE_ERRORS:
            self._gateway.clients.hang_up(lambda other: other is caller, 1008, "repeated unauthorized calls")


def _check(caller: Caller, needed: str | None) -> None:
    if needed is not None and not grants(caller.scopes, needed):
        raise ScopeMissing(needed)


def _read(method: Method, params: Any) -> Params:
    try:
        return method.params.model_validate({} if params is None else params)
    except ValidationError as error:
        raise RequestError(f"invalid {method.name} params: {first_problem(error)}") from error


async def respond(request: RequestFrame, answer: Awaitable[Any]) -> str:
    """The response frame for what `answer` returns or raises; a bug is logged and told without detail."""
    try:
        return response(request.id, to_wire(await answer))
    except GatewayError as error:
        return refusal(request.id, error_shape(error))
    except Exception:
        log.exception("method %s failed by a bug (request %s)", request.method, request.id)
        text = f"{request.method} failed inside the gateway; see its log"
        return refusal(request.id, {"code": "UNAVAILABLE", "message": text})
