"""`openclaw agent --message …`: one turn with an agent, its answer on stdout."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from clawfleet.cli.client import CallFailed, GatewayClient
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_failure, print_json
from clawfleet.cli.pins import Fingerprint
from clawfleet.cli.target import Ask, open_gateway
from clawfleet.core.errors import GatewayError, RequestError
from clawfleet.core.ids import new_id
from clawfleet.core.text import printable

TURN_LIMIT_S = 600
# The gateway ends a turn at its limit; it answers a moment later.
GRACE_S = 15


class TurnFailed(GatewayError):
    """The run ended without an answer: the model's side failed, or it took too long."""

    code = "TURN_FAILED"


class TurnStopped(GatewayError):
    """The run was stopped before its answer was whole."""

    code = "TURN_STOPPED"

    def __init__(self, summary: str) -> None:
        word = summary.removeprefix("aborted: ")
        why = f"{_STOPPED_BY[word]} ({summary})" if word in _STOPPED_BY else summary
        super().__init__(f"stopped: {why}", hint="what was said so far is in the session; ask again to go on")


_STOPPED_BY = {
    "rpc": "another client aborted it",
    "shutdown": "the gateway is shutting down",
    "disconnect": "the connection that asked was lost",
}


class Printer:
    """Prints an answer as it grows: what the events bring first, then what the final answer has beyond that.

    For a terminal, control characters are spelt out, as a model may have read them somewhere; a pipe gets them all.
    """

    def __init__(self, *, live: bool, for_terminal: bool = False) -> None:
        self._live = live
        self._for_terminal = for_terminal
        self._item = ""
        self._shown = ""
        self.run_id = ""
        self.session_key = ""

    def started(self, answer: Any) -> bool:
        """Note the run of an `accepted` answer; False when the answer is already the last one."""
        if not isinstance(answer, Mapping) or answer.get("status") not in {"accepted", "in_flight"}:
            return False
        self.run_id = str(answer.get("runId"))
        self.session_key = str(answer.get("sessionKey") or "")
        return True

    def event(self, name: str, payload: Mapping[str, Any]) -> None:
        """Print the next piece when it belongs to the run."""
        if not self._live or name != "agent" or payload.get("runId") != self.run_id:
            return
        data = payload.get("data") or {}
        if payload.get("stream") != "assistant" or not (delta := data.get("delta")):
            return
        item = str(data.get("itemId") or "")
        if self._shown and item != self._item:  # what is said after a tool starts on its own line
            delta = f"\n{delta}"
        self._item = item
        self._shown += delta
        click.echo(self._safe(delta), nl=False)
        sys.stdout.flush()

    def finish(self, text: str) -> None:
        """Print what was not shown yet, and end the line."""
        if self._shown and not self._shown.endswith("\n"):
            click.echo()
        if not self._shown.rstrip().endswith(text.rstrip()):
            click.echo(self._safe(text))

    def _safe(self, text: str) -> str:
        return printable(text.replace("\r\n", "\n")) if self._for_terminal else text


@click.command("agent")
@click.option("--message", "-m", required=True, metavar="TEXT", help="What to say; - reads it from stdin.")
@click.option("--agent", "agent_id", metavar="ID", help="The agent that answers; default: the default agent.")
@click.option("--session-key", metavar="KEY", help="Conversation to continue: agent:ID:NAME, or a name.")
@click.option("--session-id", metavar="ID", help="Conversation by its id; an unknown id begins one of that name.")
@click.option("--model", metavar="REF", help="Model for this turn: provider/model or an alias.")
@click.option("--stream/--no-stream", default=None, help="Print the answer as it grows; default: on a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("--timeout", "timeout_s", type=click.IntRange(min=1), default=TURN_LIMIT_S, show_default=True,
              metavar="S", help="Longest time for the turn, in seconds.")  # fmt: skip
@click.option("--url", metavar="URL", help="Another gateway: ws://host:port. Needs --token or --password.")
@click.option("--token", metavar="TOKEN", help="The gateway's token.")
@click.option("--password", metavar="PASSWORD", help="The gateway's password.")
@click.option("--tls-fingerprint", type=Fingerprint(), metavar="SHA256", help="The only certificate to trust there.")
@pass_cli
def command(context: CliContext, /, **flags: Any) -> int:
    """Say something to an agent and print its answer; exit 1 when it was stopped half-way."""
    params = turn_params(flags, sys.stdin.read() if flags["message"] == "-" else flags["message"])
    wants_live = flags["stream"] if flags["stream"] is not None else sys.stdout.isatty()
    printer = Printer(live=wants_live and not flags["as_json"], for_terminal=sys.stdout.isatty())
    ask = Ask(**{name: flags[name] for name in ("url", "token", "password", "tls_fingerprint")})
    with open_gateway(context, ask) as gateway:
        if flags["session_id"]:
            params["sessionKey"] = key_of_session(gateway, flags["session_id"])
        result = run_turn(gateway, params, printer)
    if flags["as_json"]:
        print_json(result)
    else:
        printer.finish(answer_text(result))
    if result.get("status") == "aborted":
        # With --json the document is out already: it says the same, and there must be only one.
        print_failure(TurnStopped(str(result.get("summary"))), as_json=False)
        return TurnStopped.exit_code
    if remark := shortcoming(result):
        click.echo(f"! {remark}", err=True)
    return 0


def turn_params(flags: Mapping[str, Any], message: str) -> dict[str, Any]:
    """Parameters of the `agent` method. Raises RequestError for an empty message (exit 2)."""
    if not message.strip():
        raise RequestError("--message is empty", hint='openclaw agent --message "hello"')
    params = {
        "message": message,
        "agentId": flags["agent_id"],
        "sessionKey": flags["session_key"],
        "model": flags["model"],
        "deliver": False,
        "timeout": flags["timeout_s"],
        "idempotencyKey": new_id(),
    }
    return {name: value for name, value in params.items() if value is not None}


def key_of_session(gateway: GatewayClient, session_id: str) -> str:
    """The key of the session with that id; the id itself, as the name of a new one, when none has it."""
    rows = gateway.call("sessions.list", {"limit": 500}).get("sessions") or []
    return next((str(row["key"]) for row in rows if row.get("sessionId") == session_id), session_id)


def run_turn(gateway: GatewayClient, params: Mapping[str, Any], printer: Printer) -> Mapping[str, Any]:
    """The last answer of the `agent` method. Ctrl-C aborts the run at the gateway. Raises TurnFailed."""
    try:
        result = gateway.converse(
            "agent", params, on_event=printer.event, more=printer.started, timeout_s=params["timeout"] + GRACE_S
        )
    except CallFailed as error:
        raise TurnFailed(error.message, hint=error.hint or "see `openclaw logs`", **error.details) from error
    except KeyboardInterrupt:
        if printer.session_key:
            gateway.call("chat.abort", {"sessionKey": printer.session_key, "runId": printer.run_id})
        raise
    if not isinstance(result, Mapping) or result.get("status") not in {"ok", "aborted", None}:
        summary = result.get("summary") or result.get("status") if isinstance(result, Mapping) else result
        raise TurnFailed(f"the turn ended with: {summary}", hint="see `openclaw logs`")
    return result


def answer_text(result: Mapping[str, Any]) -> str:
    """The texts of the final answer, a blank line between them."""
    payloads = (result.get("result") or {}).get("payloads") or []
    return "\n\n".join(str(payload["text"]) for payload in payloads if payload.get("text"))


def shortcoming(result: Mapping[str, Any]) -> str:
    """What an answer lacks although its run went well; empty when it lacks nothing."""
    if not answer_text(result).strip():
        return "the model gave no answer"
    meta = (result.get("result") or {}).get("meta") or {}
    is_cut = meta.get("stopReason") == "length"
    return "the answer is cut at the model's output limit; ask to continue it" if is_cut else ""
