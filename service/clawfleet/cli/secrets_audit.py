"""`openclaw secrets audit`: secrets in plain text, variables nobody sets, old stores. Source: config-and-cli §8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import addressed, print_json
from clawfleet.config.env import Instance
from clawfleet.config.load import ConfigInvalid, Snapshot, check_text, parse_text
from clawfleet.config.path import show_path
from clawfleet.config.plaintext import plain_secrets
from clawfleet.config.substitute import substitute
from clawfleet.config.write import read_exactly
from clawfleet.models.setups import setups_of

Code = Literal["PLAINTEXT_FOUND", "REF_UNRESOLVED", "REF_SHADOWED", "LEGACY_RESIDUE"]
COUNTS: tuple[tuple[Code, str, str], ...] = (
    ("PLAINTEXT_FOUND", "plaintext", "plaintextCount"),
    ("REF_UNRESOLVED", "unresolved", "unresolvedRefCount"),
    ("REF_SHADOWED", "shadowed", "shadowedRefCount"),
    ("LEGACY_RESIDUE", "legacy", "legacyResidueCount"),
)


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One secret, or reference, that is not as it should be; `json_path` is its key path in `file`."""

    code: Code
    file: str
    json_path: str
    message: str

    @property
    def severity(self) -> str:
        """`error`, `warn` or `info`, in the words of OpenClaw."""
        return {"REF_UNRESOLVED": "error", "LEGACY_RESIDUE": "info"}.get(self.code, "warn")


@click.command(
    "audit",
    epilog="""\b
Examples:
  openclaw secrets audit
  openclaw secrets audit --check      for CI: exit 1 on findings, 2 on unset variables""",
)
@click.option("--check", is_flag=True, help="Exit 1 when anything was found.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, *, check: bool, as_json: bool) -> int:
    """Look for secrets in plain text, and for variables that nobody sets.

    No secret is printed. Exit 2 when a variable is not set.
    """
    instance = cli.instance
    files = scanned(instance)
    findings = [finding for file in files for finding in look_into(instance, file)]
    status = _status(findings)
    counts = {code: sum(finding.code == code for finding in findings) for code, _, _ in COUNTS}
    if as_json:
        print_json(_document(status, files, findings, counts))
    else:
        told = ", ".join(f"{word}={counts[code]}" for code, word, _ in COUNTS)
        click.echo(f"Secrets audit: {status}. {told}")
        for finding in findings:
            place = f"{instance.shown(Path(finding.file))}:{finding.json_path}".rstrip(":")
            click.echo(f"- [{finding.code}] {place}\n  {addressed(finding.message, cli.flags)}")
    return 2 if counts["REF_UNRESOLVED"] else 1 if check and findings else 0


def scanned(instance: Instance) -> list[Path]:
    """The files that may hold secrets where they should not be, and that are there."""
    config, state_dir = instance.config_path, instance.state_dir
    kept = [
        file
        for pattern in (".bak*", ".rejected.*", ".clobbered.*")
        for file in config.parent.glob(config.name + pattern)
    ]
    old = [*state_dir.glob("agents/*/agent/auth-profiles.json"), *state_dir.glob("agents/*/agent/models.json")]
    return [file for file in (config, *sorted(kept), *sorted(old)) if file.is_file()]


def look_into(instance: Instance, file: Path) -> Iterator[AuditFinding]:
    """Findings in one file; one that cannot be read as an object says so."""
    try:
        text = read_exactly(file)
        source = parse_text(text, file)
    except (OSError, UnicodeDecodeError, ConfigInvalid):
        message = "it cannot be read, so nothing is known of its secrets"
        yield AuditFinding("LEGACY_RESIDUE", str(file), "", message)
        return
    is_config = file == instance.config_path
    for secret in plain_secrets(source):
        path = show_path(secret.path)
        if is_config:
            name = secret.variable
            message = f"openclaw secrets set {name}, then: openclaw config set '{path}' '${{{name}}}'"
            yield AuditFinding("PLAINTEXT_FOUND", str(file), path, message)
        else:
            message = "a file that is not read any more still holds it; remove the file when it is not needed"
            yield AuditFinding("LEGACY_RESIDUE", str(file), path, message)
    if is_config:
        yield from _references(instance, file, text, source)


def _references(instance: Instance, file: Path, text: str, source: Any) -> Iterator[AuditFinding]:
    try:
        snapshot: Snapshot | None = check_text(instance, text)
    except ConfigInvalid:
        snapshot = None
    _, missing = substitute(source, snapshot.environ if snapshot else instance.environ)
    for path, name in missing:
        message = f"{name} is not set: openclaw secrets set {name}"
        yield AuditFinding("REF_UNRESOLVED", str(file), show_path(path), message)
    if snapshot is None:
        return
    for setup in setups_of(snapshot.config, snapshot.environ).values():
        written = snapshot.config.models.providers.get(setup.id)
        used = setup.credential.source or ""
        own = written.api_key.get_secret_value() if written and written.api_key else None
        if own and setup.credential.key not in (None, own) and not used.startswith("models."):
            message = f"another key is used in its place: {used}"
            yield AuditFinding("REF_SHADOWED", str(file), f"models.providers.{setup.id}.apiKey", message)


def _status(findings: list[AuditFinding]) -> str:
    if any(finding.code == "REF_UNRESOLVED" for finding in findings):
        return "unresolved"
    return "findings" if findings else "clean"


def _document(status: str, files: list[Path], findings: list[AuditFinding], counts: dict[Code, int]) -> dict[str, Any]:
    return {
        "version": 1,
        "status": status,
        "filesScanned": [str(file) for file in files],
        "summary": {key: counts[code] for code, _, key in COUNTS},
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "file": finding.file,
                "jsonPath": finding.json_path,
                "message": finding.message,
            }
            for finding in findings
        ],
    }
