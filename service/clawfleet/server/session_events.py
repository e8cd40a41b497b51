"""What becomes of sessions, as `sessions.changed` and `session.message`, to those who watch. Source: protocol §10–11.

The store tells what was written, the runs tell how far they are; both come here and go out in that order.
"""

from __future__ import annotations

from typing import Any

from clawfleet.agents.events import Ended, Failed, ModelChosen, Replied, RunEvent, Started
from clawfleet.core.clock import now_ms
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.clients import watching_messages, watching_sessions
from clawfleet.rpc.registry import to_wire
from clawfleet.rpc.shapes import SessionMessage, SessionRow
from clawfleet.sessions.model import Session, SessionChange

MOST_CHARS = 200_000
"""Of one text in an event; the whole of it is in `chat.message.get`."""


class SessionEvents:
    """Tells watchers of sessions. Nobody watching costs a look at who is there."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._clients = gateway.clients

    def start(self) -> None:
        """Listen from now on."""
        self._gateway.sessions.changes.listen(self._changed)
        self._gateway.runs.events.listen(self._ran)
        self._gateway.sessions.cards.changes.listen(self._card_changed)

    def _changed(self, change: SessionChange) -> None:
        session = change.session
        if session.ephemeral or (session.closed_at_ms is not None and change.reason != "delete"):
            return
        if change.reason is not None:
            self._tell(session, reason=change.reason)
        if change.entries:
            watchers = watching_messages(session.key)
            if any(map(watchers, self._clients.callers())):
                row = SessionRow.of(session, self._gateway)
                for entry in change.entries:
                    said = to_wire(SessionMessage.of(entry, row, MOST_CHARS))
                    self._clients.tell("session.message", said, to=watchers)

    def _card_changed(self, change: tuple[str, int | None]) -> None:
        key, revision = change
        self._clients.tell("progressCard.changed", {"sessionKey": key, "revision": revision})

    def _ran(self, event: RunEvent) -> None:
        if not isinstance(event.body, Started | ModelChosen | Ended | Failed | Replied):
            return
        run = self._gateway.runs.find(event.run_id)
        if run is None or run.session.ephemeral:
            return
        told = {"runId": event.run_id, "ts": event.at_ms}
        match event.body:
            case Started():
                self._tell(run.session, reason="agent.run.started")
                self._tell(run.session, phase="start", **told)
            case ModelChosen():
                self._tell(run.session, phase="model", **told)
            case Ended():
                self._tell(run.session, reason="agent.input.settled")
                self._tell(run.session, phase="end", **told)
            case Failed():
                self._tell(run.session, reason="agent.input.settled")
                self._tell(run.session, phase="error", **told)
            case Replied():
                self._tell(run.session, reason="agent.input.settled")

    def _tell(self, session: Session, **why: Any) -> None:
        if not any(map(watching_sessions, self._clients.callers())):
            return
        row = SessionRow.of(session, self._gateway)
        payload = {
            "sessionKey": session.key,
            "agentId": session.agent_id,
            "ts": now_ms(),
            **why,
            "session": to_wire(row),
            "updatedAt": session.updated_at_ms,
            "sessionId": session.session_id,
            "status": row.status,
            "hasActiveRun": row.has_active_run,
            "activeRunIds": row.active_run_ids,
        }
        if why.get("reason") == "delete":
            payload.pop("session")
        self._clients.tell("sessions.changed", payload, to=watching_sessions)
