"""`openclaw status`: one page about this instance; the box says what is, the lines below what to do."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from typing import Any

import click

from clawfleet import __version__
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.gateway_report import Report, gather
from clawfleet.cli.gateway_status import runtime_text
from clawfleet.cli.health import channel_state
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.service_report import phase_text
from clawfleet.cli.target import Ask, asks_gateway
from clawfleet.cli.tools_explain import from_config, summary


@click.command(
    "status",
    epilog="""\b
Examples:
  openclaw status
  openclaw status --all       to paste into a report: every check, no secrets""",
)
@click.option("--all", "everything", is_flag=True, help="Every check and the log's end too; no secrets, to be pasted.")
@click.option("--deep", is_flag=True, help="Openings too.")
@click.option("--json", "as_json", is_flag=True, help="Print the page as JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, everything: bool, deep: bool, as_json: bool) -> None:
    """One page about this instance; exit 0 also when the gateway is down."""
    report = gather(context, ask)
    if as_json:
        print_json(page_json(report) | (_more_json(context) if everything or deep else {}))
        return
    if report.problem:
        tell(f"✗ {report.problem}\n  {report.mend}\n")
    click.echo("Overview")
    for line in boxed(overview(report)):
        tell(line)
    for line in (*report.notes, *advice(report)):
        tell(line)
    if everything or deep:
        for line in _more(context, report, everything=everything):
            tell(line)


def _more(context: CliContext, report: Report, *, everything: bool) -> Iterator[str]:
    from clawfleet.cli.checks.scene import Scene
    from clawfleet.cli.diagnosis import audit_lines, diagnosis_lines, log_lines

    scene = Scene(context)
    for part in (diagnosis_lines(scene), log_lines(report.log_file)) if everything else (audit_lines(scene),):
        yield ""
        yield from part


def _more_json(context: CliContext) -> dict[str, Any]:
    from clawfleet.cli.checks.report import report_json
    from clawfleet.cli.checks.scene import Scene
    from clawfleet.cli.checks.table import examine

    return {"diagnosis": report_json(examine(Scene(context)))}


def overview(report: Report) -> list[tuple[str, str]]:
    """The rows of the box: name, value."""
    instance = report.instance
    return [
        ("OS", f"{platform.system()} {platform.release()} ({platform.machine()}) · Python {platform.python_version()}"),
        ("Version", __version__),
        ("Dashboard", report.place.http_url),
        ("Gateway", gateway_text(report)),
        ("Gateway service", f"{phase_text(report.service)} · {runtime_text(report)}"),
        ("Config", instance.shown(instance.config_path) + ("" if instance.config_path.is_file() else " (missing)")),
        ("State dir", instance.shown(instance.state_dir)),
        ("Channels", channels_text(report)),
        ("Agents", agents_text(report)),
        ("Tools", tools_text(report)),
        ("Sessions", sessions_text(report)),
        ("Log file", instance.shown(report.log_file)),
    ]


def gateway_text(report: Report) -> str:
    """`local · ws://127.0.0.1:18789 (local loopback) · reachable 15ms · auth token`."""
    probe = report.probe
    mode = (report.snapshot.config.gateway.mode if report.snapshot else None) or "unknown"
    parts: list[str] = [mode if report.is_local else "remote"]
    if probe is None:
        return parts[0]
    parts.append(f"{probe.target}{' (local loopback)' if report.is_local else ''}")
    if not probe.connected:
        return " · ".join([*parts, "unreachable"])
    return " · ".join([*parts, f"reachable {probe.latency_ms}ms", f"auth {probe.auth_method}", probe.capability])


def channels_text(report: Report) -> str:
    """Each channel and how it does, as the gateway says; without it nothing is claimed."""
    health = report.probe.health if report.probe else {}
    if not health:
        return "unknown (gateway not reachable)"
    labels, channels = health.get("channelLabels") or {}, health.get("channels") or {}
    shown = [f"{labels.get(name, name)}: {channel_state(row)}" for name, row in channels.items()]
    return ", ".join(shown) or "none configured"


def agents_text(report: Report) -> str:
    """The agents' ids, the default one marked."""
    health = report.probe.health if report.probe else {}
    if not health:
        return "unknown (gateway not reachable)"
    agents = health.get("agents") or []
    return ", ".join(f"{row.get('agentId')}{' (default)' if row.get('isDefault') else ''}" for row in agents) or "none"


def tools_text(report: Report) -> str:
    """How many tools the default agent has, and what narrows them; without a gateway as the config says."""
    if report.probe and report.probe.tools:
        return summary(report.probe.tools)
    if report.snapshot is None or not report.is_local:
        return "unknown"
    return summary(from_config(report.instance, report.snapshot, {}))


def sessions_text(report: Report) -> str:
    """`2 stored · default demo/echo`."""
    if report.probe is None or not report.probe.answered:
        return "unknown (gateway not reachable)"
    sessions = report.probe.status.get("sessions") or report.probe.health.get("sessions") or {}
    defaults = sessions.get("defaults") or {}
    model = "/".join(str(defaults[name]) for name in ("modelProvider", "model") if defaults.get(name))
    return f"{sessions.get('count', 0)} stored" + (f" · default {model}" if model else "")


def advice(report: Report) -> Iterator[str]:
    """What to do next, shortest way first."""
    if report.config_error is not None:
        yield f"✗ {report.config_error.message}"
        yield "Next: openclaw config validate"
    elif report.problem or report.probe is None or report.probe.answered:
        yield "Next: openclaw gateway status · openclaw logs --follow · openclaw dashboard"
    else:
        if report.probe.error is not None:
            yield f"✗ {report.probe.error.message}"
        yield "Next: openclaw gateway run" if report.pid is None else "Next: openclaw gateway status · openclaw logs"


def boxed(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A two-column box; values keep their length, so that they can be copied."""
    left, right = max(len(name) for name, _ in rows), max(len(value) for _, value in rows)
    yield f"┌{'─' * (left + 2)}┬{'─' * (right + 2)}┐"
    for name, value in rows:
        yield f"│ {name:<{left}} │ {value:<{right}} │"
    yield f"└{'─' * (left + 2)}┴{'─' * (right + 2)}┘"


def page_json(report: Report) -> dict[str, Any]:
    """The page with OpenClaw's keys (config-and-cli §6.2)."""
    probe = report.probe
    status = dict(probe.status) if probe else {}
    health = dict(probe.health) if probe else {}
    return {
        "runtimeVersion": status.get("runtimeVersion") or (probe.version if probe else "") or None,
        "gateway": {
            "mode": report.snapshot.config.gateway.mode if report.snapshot else None,
            "url": probe.target if probe else report.place.ws_url,
            "reachable": probe is not None and probe.connected,
            "connectLatencyMs": probe.latency_ms if probe else None,
            "error": probe.error.message if probe and probe.error else None,
            "authWarning": None,
        },
        "gatewayService": {
            "installed": report.service.definition is not None,
            "runtime": runtime_text(report),
            "pid": report.pid,
        },
        "agents": health.get("agents"),
        "sessions": status.get("sessions") or health.get("sessions"),
        "channelSummary": status.get("channelSummary"),
        "heartbeat": status.get("heartbeat"),
        "tasks": status.get("tasks"),
        "os": {"platform": platform.system().lower(), "release": platform.release(), "arch": platform.machine()},
        "update": None,
        "pid": report.pid,
        "configError": report.config_error.message if report.config_error else None,
        "problem": report.problem or None,
    }
