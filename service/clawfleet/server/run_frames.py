"""What happens in a run, as `chat` and `agent` events. Pure; shapes from protocol §11."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from clawfleet.agents.events import (
    Compacting,
    Ended,
    Failed,
    LoopNoticed,
    ModelChosen,
    ReasoningGrew,
    Replied,
    RunEvent,
    Started,
    Status,
    TextGrew,
    ToolEnded,
    ToolReported,
    ToolStarted,
    UsageCounted,
)

TOOL_EVENTS = "tool-events"
"""The client capability without which stream `tool` is left out."""

FAILED_BEFORE = "⚠️ Agent failed before reply: "

_KINDS = {"rate_limit": "rate_limit", "timeout": "timeout", "context_overflow": "context_length", "refusal": "refusal"}


def frames(event: RunEvent) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    """`(event name, payload, capability that a receiver needs)` in the order in which they are sent."""
    body = event.body
    match body:
        case Status(phase):
            yield _chat(event, state="status", phase=phase)
            yield _agent(event, 0, "run_status", {"phase": phase})
        case Started(at_ms):
            yield _agent(event, 0, "lifecycle", {"phase": "start", "startedAt": at_ms})
        case ModelChosen(provider, model):
            yield _agent(event, 0, "lifecycle", {"phase": "model", "provider": provider, "model": model})
        case Compacting(phase, done):
            end = {"completed": done, "willRetry": done} if phase == "end" else {}
            yield _agent(event, 0, "compaction", {"phase": phase, **end})
        case TextGrew(text, delta, item_id):
            yield _agent(event, 0, "assistant", {"text": text, "delta": delta, "itemId": item_id})
            yield _chat(event, state="delta", deltaText=delta, message=_message(event, text))
        case ReasoningGrew(text, delta):
            yield _agent(event, 0, "thinking", {"text": text, "delta": delta})
        case ToolStarted() | ToolReported() | ToolEnded():
            yield from _tool(event, body)
        case LoopNoticed():
            told = {"level": body.level, "detector": body.detector, "count": body.count, "message": body.text}
            yield _agent(event, 0, "tool_loop", {"toolCallId": body.call_id, "toolName": body.tool, **told})
        case UsageCounted(output_tokens):
            yield _agent(event, 0, "usage", {"outputTokens": output_tokens})
        case Ended():
            yield from _ended(event, body)
        case Failed():
            yield from _failed(event, body)
        case Replied(text):
            yield _chat(event, state="final", stopReason="stop", message=_message(event, text))


def _chat(event: RunEvent, **rest: Any) -> tuple[str, dict[str, Any], None]:
    payload = {"runId": event.run_id, "sessionKey": event.session_key, "agentId": event.agent_id, "seq": event.seq}
    return "chat", payload | rest, None


def _agent(event: RunEvent, offset: int, stream: str, data: dict[str, Any]) -> tuple[str, dict[str, Any], str | None]:
    payload = {
        "runId": event.run_id,
        "stream": stream,
        "data": data,
        "sessionKey": event.session_key,
        "sessionId": event.session_id,
        "agentId": event.agent_id,
        "seq": event.seq + offset,
        "ts": event.at_ms,
        "isHeartbeat": False,
    }
    return "agent", payload, TOOL_EVENTS if stream == "tool" else None


def _message(event: RunEvent, text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "text", "text": text}], "timestamp": event.at_ms}


def _tool(
    event: RunEvent, body: ToolStarted | ToolReported | ToolEnded
) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    call = {"name": body.name, "toolCallId": body.call_id}
    item = {"itemId": f"tool:{body.call_id}", **call, "kind": "tool", "title": body.name.capitalize()}
    command = {"itemId": f"command:{body.call_id}", **call, "title": f"command {body.name}"}
    match body:
        case ToolStarted():
            yield _agent(event, 0, "item", {**item, "phase": "start", "status": "running", "startedAt": body.at_ms})
            yield _agent(event, 1, "tool", {"phase": "start", **call, "args": dict(body.arguments)})
        case ToolReported():
            partial = {"content": [{"type": "text", "text": body.output}], "details": {"status": "running"}}
            yield _agent(event, 0, "tool", {"phase": "update", **call, "partialResult": partial})
            output = {**command, "phase": "delta", "output": body.output, "status": "running"}
            yield _agent(event, 1, "command_output", output)
        case ToolEnded():
            result = {"content": [{"type": "text", "text": body.text}], "details": dict(body.details)}
            yield _agent(event, 0, "tool", {"phase": "result", **call, "isError": body.is_error, "result": result})
            status = "failed" if body.is_error else "completed"
            times = {"startedAt": body.started_at_ms, "endedAt": body.at_ms}
            yield _agent(event, 1, "item", {**item, "phase": "end", "status": status, **times})
            known = {key: body.details[key] for key in ("exitCode", "durationMs", "cwd") if key in body.details}
            end = {**command, "phase": "end", "output": body.text, "status": status, **known}
            yield _agent(event, 2, "command_output", end)


def _ended(event: RunEvent, body: Ended) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    ref = {"provider": body.provider, "model": body.model}
    data: dict[str, Any] = {
        "phase": "end",
        "stopReason": body.stop_reason,
        "aborted": body.aborted,
        "startedAt": body.started_at_ms,
        "endedAt": body.at_ms,
        "terminalReply": {"disposition": "visible" if body.text else "silent", "text": body.text},
        "terminalReceipt": {
            "runId": event.run_id,
            "sessionId": event.session_id,
            "turnId": event.run_id,
            "requested": ref,
            "effective": ref,
            "successfulToolNames": list(body.tools_used),
            "rerouted": False,
            "terminalDisposition": "visible" if body.text else "silent",
        },
    }
    finishing = {key: data[key] for key in ("stopReason", "aborted", "endedAt")}
    yield _agent(event, 0, "lifecycle", {"phase": "finishing", **finishing})
    yield _agent(event, 1, "lifecycle", data)
    state = "aborted" if body.aborted else "final"
    message = {"message": _message(event, body.text)} if body.text else {}
    name, payload, needs = _chat(event, state=state, stopReason=body.stop_reason, **message)
    yield name, payload | {"seq": event.seq + 1}, needs


def _failed(event: RunEvent, body: Failed) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    reason = str(body.details.get("reason", "unknown"))
    data = {
        "phase": "error",
        "error": body.message,
        "code": body.code,
        "aborted": False,
        "startedAt": body.started_at_ms,
        "endedAt": body.at_ms,
    }
    yield _agent(event, 0, "lifecycle", data)
    detail: dict[str, Any] = {"failoverReason": reason, "providerRuntimeFailureKind": body.code}
    detail |= {key: body.details[key] for key in ("provider", "model") if key in body.details}
    if isinstance(status := body.details.get("status"), int):
        detail["httpStatus"] = status
    yield _chat(
        event,
        state="error",
        errorMessage=body.message,
        errorKind=_KINDS.get(reason, "unknown"),
        errorDetail=detail,
        stopReason="error",
    )
    if not body.said:
        # Clients that show only what a channel would be sent wait for this one (protocol §11).
        told = f"{FAILED_BEFORE}{body.message}\nLook into the log: `openclaw logs --follow`"
        yield _chat(replace(event, seq=1), state="error", errorMessage=told)
