"""What the checks look at: one instance, its config, its lock and who is on its port. Read once, when first asked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from clawfleet.cli.context import CliContext
from clawfleet.cli.service_report import ServiceReport, look_at_service
from clawfleet.cli.target import Place, find_place
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.config.read import ConfigInvalid
from clawfleet.core.errors import ConfigError
from clawfleet.host.gateways import Occupant, find_occupant
from clawfleet.host.lock import LockInfo, read_lock


@dataclass
class Scene:
    """One instance to look at. `deep` allows what takes longer."""

    context: CliContext
    deep: bool = False

    def anew(self) -> Scene:
        """The same instance, with nothing read yet: to look at what a mend left."""
        given = self.context
        context = CliContext(given.profile, given.dev, given.color, given.environ, given.cwd)
        return replace(self, context=context)

    @property
    def instance(self) -> Instance:
        """Paths, profile and environment."""
        return self.context.instance

    @property
    def snapshot(self) -> Snapshot | None:
        """The config; None when it cannot be used."""
        return self.context.snapshot_or_error[0]

    @property
    def config_error(self) -> ConfigError | None:
        """Why the config cannot be used."""
        return self.context.snapshot_or_error[1]

    @property
    def config_invalid(self) -> ConfigInvalid | None:
        """The same, when something in the file is to blame."""
        error = self.config_error
        return error if isinstance(error, ConfigInvalid) else None

    @cached_property
    def place(self) -> Place:
        """Where this instance's gateway is, or should be. Raises ConfigError for a port that is none."""
        return find_place(self.context)

    @cached_property
    def lock(self) -> LockInfo | None:
        """The note of the gateway that holds, or held, the state directory."""
        return read_lock(self.instance.store_dir)

    @property
    def running(self) -> LockInfo | None:
        """The note of the gateway that runs now."""
        return self.lock if self.lock and self.lock.alive else None

    @cached_property
    def occupant(self) -> Occupant | None:
        """Who holds the gateway's port."""
        return find_occupant(self.place.port, store_dir=self.instance.store_dir)

    @cached_property
    def service(self) -> ServiceReport:
        """The background service of this instance, as far as this host can have one."""
        return look_at_service(self.context)

    def shown(self, path: Path) -> str:
        """A path as people read it."""
        return self.instance.shown(path)

    def program(self, name: str) -> str | None:
        """Where a program is on the instance's PATH."""
        return shutil.which(name, path=self.instance.environ.get("PATH", ""))
