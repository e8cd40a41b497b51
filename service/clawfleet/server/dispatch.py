"""One request in, one response out: scope, then method, then parameters, then the call, with every failure mapped."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import ValidationError

from clawfleet.core.errors import GatewayError
from clawfleet.protocol.frames import RequestFrame, error_shape, refusal, response
from clawfleet.protocol.problems import first_problem
from clawfleet.protocol.scopes import ADMIN, grants
from clawfleet.rpc.call import Call, Caller, Gateway
from clawfleet.rpc.registry import Method, to_wire

log = logging.getLogger("clawfleet.rpc")


class Dispatcher:
    """Answers requests from the table of methods."""

    def __init__(self, gateway: Gateway, methods: Mapping[str, Method]) -> None:
        self._gateway = gateway
        self._methods = methods

    @property
    def names(self) -> list[str]:
        """The methods on offer, for `hello-ok`."""
        return list(self._methods)

    async def answer(self, request: RequestFrame, caller: Caller, follow_up: Callable[[Awaitable[Any]], None]) -> str:
        """The response frame. Never raises for what a client sent.

        Scope comes first, also for unknown methods: who may not do everything learns nothing of what exists.
        """
        if request.method == "connect":
            return refusal(request.id, _error("INVALID_REQUEST", "connect is only valid as the first request"))
        method = self._methods.get(request.method)
        needed = method.scope if method else ADMIN
        if not grants(caller.scopes, needed):
            return refusal(request.id, _missing_scope(str(needed)))
        if method is None:
            return refusal(request.id, _error("INVALID_REQUEST", f"unknown method: {request.method}"))
        try:
            params = method.params.model_validate({} if request.params is None else request.params)
        except ValidationError as error:
            text = f"invalid {request.method} params: {first_problem(error)}"
            return refusal(request.id, _error("INVALID_REQUEST", text))
        return await respond(request, method.run(Call(self._gateway, caller, follow_up), params))


async def respond(request: RequestFrame, answer: Awaitable[Any]) -> str:
    """The response frame for what `answer` returns or raises; a bug is logged and told without detail."""
    try:
        return response(request.id, to_wire(await answer))
    except GatewayError as error:
        return refusal(request.id, error_shape(error))
    except Exception:
        log.exception("method %s failed by a bug (request %s)", request.method, request.id)
        return refusal(request.id, _error("UNAVAILABLE", f"{request.method} failed inside the gateway; see its log"))


def _error(code: str, message: str, **rest: Any) -> dict[str, Any]:
    return {"code": code, "message": message, **rest}


def _missing_scope(scope: str) -> dict[str, Any]:
    details = {"code": "MISSING_SCOPE", "missingScope": scope, "requiredScopes": [scope]}
    return _error("FORBIDDEN", f"missing scope: {scope}", details=details)
