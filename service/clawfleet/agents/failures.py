"""Why a run was not taken or did not answer, where the model is not to blame."""

from __future__ import annotations

from clawfleet.core.errors import GatewayError


class Draining(GatewayError):
    """The gateway is stopping and takes nothing new."""

    code = "GATEWAY_DRAINING"

    def __init__(self) -> None:
        super().__init__(
            "Gateway is temporarily unavailable while suspending or restarting", hint="send the message again shortly"
        )


class ChoiceNotKept(GatewayError):
    """Nobody here writes the config."""

    code = "CHOICE_NOT_KEPT"

    def __init__(self) -> None:
        super().__init__("this gateway cannot write its config", hint="openclaw models set <model>")


class TurnTimedOut(GatewayError):
    """The turn took longer than its limit."""

    code = "TURN_TIMED_OUT"

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"the turn was stopped after {limit_s:g} seconds", hint="raise agents.defaults.timeoutSeconds")


class InternalFailure(GatewayError):
    """A bug; its traceback is in the log."""

    code = "INTERNAL"

    def __init__(self, run_id: str) -> None:
        super().__init__("the turn failed inside the gateway", hint=f"look for run {run_id} in `openclaw logs`")
