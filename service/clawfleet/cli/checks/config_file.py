"""The config file: whether it is valid, and what in it has no effect, is unset, half-written or spelt the old way."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from clawfleet.cli.checks.finding import Finding, Mend, Severity
from clawfleet.cli.checks.mends import RepairConfig
from clawfleet.cli.checks.scene import Scene
from clawfleet.config.read import Issue
from clawfleet.config.repair import repair
from clawfleet.config.write import read_exactly

# (start of what the loader says, id, severity, what mends it), the first that fits.
_KINDS: tuple[tuple[str, str, Severity, str], ...] = (
    (
        "accepted without effect",
        "config.unused_key",
        "info",
        "not needed here; to remove it: openclaw config unset {path}",
    ),
    ("Missing env var", "env.variable_missing", "warning", "openclaw secrets set {variable}"),
    ("secret ", "secrets.unavailable", "warning", "openclaw secrets audit"),
    ("older spelling", "config.old_spelling", "info", ""),
    ("incomplete", "models.provider_incomplete", "warning", "openclaw config set {path}.<key> <value>"),
    ("Unrecognized key", "config.unknown_key", "warning", "openclaw config unset {below}"),
    ("", "config.advice", "warning", ""),
)


def validity(scene: Scene) -> Iterator[Finding]:
    """One error for each reason why the file cannot be used; with a mend for those that are beyond doubt."""
    invalid = scene.config_invalid
    if invalid is None:
        if (error := scene.config_error) is not None:
            yield Finding("config.unreadable", "error", error.message, _file(scene), fix=error.hint or "")
        return
    mend, left = _repair(scene)
    for issue in invalid.issues:
        can = mend is not None and issue not in left
        yield Finding(
            "config.invalid",
            "error",
            issue.message,
            issue.path,
            evidence=f"{_file(scene)}{f':{issue.line}' if issue.line else ''}",
            fix="openclaw doctor --fix" if can else "mend it in the file, then: openclaw config validate",
            mend=mend if can else None,
        )


def start_gate(scene: Scene) -> Iterator[Finding]:
    """Whether the config lets this machine run a gateway at all."""
    snapshot = scene.snapshot
    assert snapshot is not None
    mode = snapshot.config.gateway.mode
    if not snapshot.exists:
        yield Finding(
            "config.missing", "info", "There is no config file; the built-in config runs.", _file(scene),
            fix="openclaw config set gateway.mode local   # to start one",
        )  # fmt: skip
    elif mode is None:
        text = "gateway.mode is unset; the gateway does not start."
        yield Finding("gateway.mode_unset", "error", text, "gateway.mode", fix="openclaw config set gateway.mode local")
    elif mode == "remote":
        text = "gateway.mode is remote; this machine runs no gateway of its own."
        yield Finding("gateway.mode_remote", "info", text, "gateway.mode")


def remarks(scene: Scene) -> Iterator[Finding]:
    """What a valid file says that has no effect, waits for a variable, or is spelt the old way."""
    assert scene.snapshot is not None
    for issue in scene.snapshot.warnings:
        yield _remark(issue)


def _remark(issue: Issue) -> Finding:
    _, check_id, severity, fix = next(kind for kind in _KINDS if issue.message.startswith(kind[0]))
    _, word, *_ = *issue.message.split('"'), ""
    return Finding(
        check_id,
        severity,
        issue.message,
        issue.path,
        evidence=f"line {issue.line}" if issue.line else "",
        fix=fix.format(path=shlex.quote(issue.path), below=shlex.quote(f"{issue.path}.{word}"), variable=word),
    )


def _repair(scene: Scene) -> tuple[Mend | None, tuple[Issue, ...]]:
    """The mend of the whole file and the issues that it leaves; None when it would change nothing."""
    try:
        text = read_exactly(scene.instance.config_path)
    except (OSError, UnicodeDecodeError):
        return None, ()
    planned = repair(scene.instance, text)
    return (RepairConfig(scene.instance, text) if planned.changes else None), planned.left


def _file(scene: Scene) -> str:
    return scene.shown(scene.instance.config_path)
