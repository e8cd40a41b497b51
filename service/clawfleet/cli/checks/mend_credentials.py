"""What `doctor --fix` does to credential files of older releases: takes them over and puts them aside."""

from __future__ import annotations

from dataclasses import dataclass, field

from clawfleet.cli.checks.finding import Change, Mended
from clawfleet.cli.context import CliContext
from clawfleet.cli.models_auth_store import in_store
from clawfleet.models.auth.legacy import import_legacy


@dataclass(frozen=True, slots=True)
class TakeOverCredentials:
    """Moves all of them into this gateway's store; each file stays beside itself under another name."""

    context: CliContext = field(compare=False)

    question = ""

    def apply(self) -> Mended:
        """The files that were taken over."""
        instance = self.context.instance
        done = in_store(self.context, lambda store: import_legacy(store, instance.state_dir))
        return Mended(
            tuple(
                Change(
                    instance.shown(row.file),
                    "file of an older release",
                    f"{', '.join(row.profiles) or 'nothing new'}; kept as {row.archive.name}",
                )
                for row in done
            )
        )
