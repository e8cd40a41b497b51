"""`openclaw secrets audit`: secrets in plain text, variables nobody sets, old stores. Source: config-and-cli §8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import addressed, print_json
from clawfleet.cli.own_files import config_versions
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.config.path import show_path
from clawfleet.config.plaintext import plain_secrets
from clawfleet.config.read import ConfigInvalid, parse_text
from clawfleet.config.substitute import substitute
from clawfleet.config.write import read_exactly
from clawfleet.models.setups import setups_of

Code = Literal["PLAINTEXT_FOUND", "REF_UNRESOLVED", "REF_SHADOWED", "LEGACY_RESIDUE"]
Role = Literal["config", "included", "left over"]
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
  openclaw secrets audit --check    exit 1 on findings, 2 on unset variables""",
)
@click.option("--check", is_flag=True, help="Exit 1 when anything was found.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, *, check: bool, as_json: bool) -> int:
    """Look for secrets in plain text, and for variables that nobody sets.

    No secret is printed. Exit 2 when a variable is not set.
    """
    instance = cli.instance
    snapshot, _ = cli.snapshot_or_error
    included = tuple(snapshot.included) if snapshot else ()
    files = scanned(instance, included)
    roles: dict[Path, Role] = dict.fromkeys(included, "included")
    roles[instance.config_path] = "config"
    findings = [finding for file in files for finding in look_into(file, roles.get(file, "left over"))]
    findings += references(instance, snapshot)
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


def scanned(instance: Instance, included: Iterable[Path] = ()) -> list[Path]:
    """The files that may hold secrets where they should not be, and that are there."""
    state_dir = instance.state_dir
    old = [*state_dir.glob("agents/*/agent/auth-profiles.json"), *state_dir.glob("agents/*/agent/models.json")]
    files = (instance.config_path, *included, *config_versions(instance), *sorted(old))
    return [file for file in dict.fromkeys(files) if file.is_file()]


def look_into(file: Path, role: Role) -> Iterator[AuditFinding]:
    """The secrets in plain text of one file; what mends them depends on its role."""
    try:
        source = parse_text(read_exactly(file), file)
    except (OSError, UnicodeDecodeError, ConfigInvalid):
        message = "it cannot be read, so nothing is known of its secrets"
        yield AuditFinding("LEGACY_RESIDUE", str(file), "", message)
        return
    for secret in plain_secrets(source):
        path = show_path(secret.path)
        if role != "left over":
            name = secret.variable
            there = (
                f"openclaw config set '{path}' '${{{name}}}'" if role == "config" else f"write ${{{name}}} in its place"
            )
            message = f"openclaw secrets set {name}, then: {there}"
            yield AuditFinding("PLAINTEXT_FOUND", str(file), path, message)
        else:
            message = "a file that is not read any more still holds it; remove the file when it is not needed"
            yield AuditFinding("LEGACY_RESIDUE", str(file), path, message)


def references(instance: Instance, snapshot: Snapshot | None) -> Iterator[AuditFinding]:
    """References that lead nowhere, and keys that another one covers."""
    file = str(instance.config_path)
    if snapshot is None:
        yield from _missing_in_broken(instance)
        return
    for issue in snapshot.warnings:
        if issue.message.startswith("Missing env var"):
            name = issue.message.split('"')[1]
            yield AuditFinding("REF_UNRESOLVED", file, issue.path, f"{name} is not set: openclaw secrets set {name}")
        elif issue.message.startswith("secret "):
            yield AuditFinding("REF_UNRESOLVED", file, issue.path, issue.message)
    for setup in setups_of(snapshot.config, snapshot.environ).values():
        written = snapshot.config.models.providers.get(setup.id)
        used = setup.credential.source or ""
        own = written.api_key.get_secret_value() if written and written.api_key else None
        if own and setup.credential.key not in (None, own) and not used.startswith("models."):
            message = f"another key is used in its place: {used}"
            yield AuditFinding("REF_SHADOWED", file, f"models.providers.{setup.id}.apiKey", message)


def _missing_in_broken(instance: Instance) -> Iterator[AuditFinding]:
    """Variables that a config names which cannot be used for other reasons."""
    file = instance.config_path
    try:
        _, missing = substitute(parse_text(read_exactly(file), file), instance.environ)
    except (OSError, UnicodeDecodeError, ConfigInvalid):
        return
    for path, name in missing:
        message = f"{name} is not set: openclaw secrets set {name}"
        yield AuditFinding("REF_UNRESOLVED", str(file), show_path(path), message)


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
