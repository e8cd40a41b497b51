"""The approvals document on disk: `exec-approvals.json` of the state directory, its owner's only.

Whoever writes says what they had read (`base_hash`), so that nobody overwrites a rule they have not seen.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from clawfleet.core.errors import ConfigError, RequestError
from clawfleet.protocol.problems import first_problem
from clawfleet.store.files import write_private
from clawfleet.tools.exec_policy import AgentRules, AllowEntry, ApprovalsDocument

log = logging.getLogger("clawfleet.tools.exec")

FILE = "exec-approvals.json"


class DocumentUnreadable(ConfigError):
    """The document is there and cannot be read: what it forbids is not known, so nothing is run by it."""

    code = "EXEC_APPROVALS_UNREADABLE"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be used: {why}", hint="mend the file, or move it away to begin without rules")


@dataclass(frozen=True, slots=True)
class Kept:
    """The document as it is on disk; `hash` names its content."""

    path: Path
    exists: bool
    document: ApprovalsDocument
    hash: str


class ExecDocument:
    """Reads and writes the document. Blocks on the disk: call it from a thread."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE

    def read(self) -> Kept:
        """What is on disk, an empty document without a file. Raises `DocumentUnreadable`."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return self._kept(ApprovalsDocument(), exists=False)
        except (OSError, UnicodeDecodeError) as error:
            raise DocumentUnreadable(self.path, str(error)) from error
        try:
            return self._kept(ApprovalsDocument.model_validate_json(text), exists=True)
        except ValidationError as error:
            raise DocumentUnreadable(self.path, first_problem(error)) from error

    def write(self, document: ApprovalsDocument, base_hash: str | None) -> Kept:
        """Replace the document that `base_hash` names. Raises `RequestError` when it is another one by now."""
        if not base_hash:
            raise RequestError("exec approvals base hash required; re-run exec.approvals.get and retry")
        if self.read().hash != base_hash:
            raise RequestError("exec approvals changed since last load; re-run exec.approvals.get and retry")
        return self._write(document)

    def allow(self, agent_id: str, entry: AllowEntry) -> None:
        """Add an entry to an agent's list of programs that may run."""
        document = self.read().document
        rules = document.agents.get(agent_id, AgentRules())
        rules = rules.model_copy(update={"allowlist": (*rules.allowlist, entry)})
        self._write(document.model_copy(update={"agents": {**document.agents, agent_id: rules}}))
        log.info("exec: %s may always run %s with these arguments", agent_id, entry.pattern)

    def _write(self, document: ApprovalsDocument) -> Kept:
        kept = self._kept(document, exists=True)
        write_private(self.path, json.dumps(wire_of(document), indent=2) + "\n")
        return kept

    def _kept(self, document: ApprovalsDocument, *, exists: bool) -> Kept:
        canonical = json.dumps(wire_of(document), sort_keys=True, separators=(",", ":"))
        return Kept(self.path, exists, document, hashlib.sha256(canonical.encode()).hexdigest())


def wire_of(document: ApprovalsDocument) -> dict[str, object]:
    """The document as clients read it; what is not set is left out."""
    return document.model_dump(mode="json", by_alias=True, exclude_none=True)
