"""What the service verbs share: whose service is meant, what it should look like, and how they answer.

Source: config-and-cli §5.1. The verbs themselves are `host.lifecycle`.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from clawfleet.cli.context import CliContext
from clawfleet.cli.output import addressed, print_failure, print_json, tell
from clawfleet.cli.service_spec import is_ours, keeping, spec_of
from clawfleet.cli.service_trouble import trouble
from clawfleet.core.errors import GatewayError, HostError
from clawfleet.host.lifecycle import Lifecycle, Outcome
from clawfleet.host.service_search import own_service
from clawfleet.host.services import Daemon, Scope, ServiceTaken
from clawfleet.host.units import REPAIR_POLICY

SUPERVISOR_MODE = "OPENCLAW_SUPERVISOR_MODE"
_NAMES_AN_INSTANCE = ("OPENCLAW_HOME", "OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH")


class SupervisedElsewhere(HostError):
    """Another program was said to start and stop this gateway."""

    code = "SUPERVISED_ELSEWHERE"


@dataclass
class ServiceDoor:
    """One instance and its service, as every verb needs them. `context` is that of the service's user."""

    context: CliContext
    service: Daemon

    @classmethod
    def open(cls, context: CliContext, scope: Scope | None = None) -> ServiceDoor:
        """The service of the instance meant, in `scope` if one is named. Raises NameRefused, ServiceTaken."""
        whose = context_of_owner(context)
        service = own_service(whose.instance, scope)
        if scope is not None and service.scope != scope:
            raise ServiceTaken(
                f"this state dir has a service of its {service.scope} already: {service.file}",
                hint="take it away first: openclaw gateway uninstall",
            )
        if whose is not context and service.scope == "user":
            raise ServiceTaken(f"{service.file} is a service of its user, not of root", hint="the same without sudo")
        return cls(whose, service)

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """The verbs."""
        store_dir = self.context.instance.store_dir
        return Lifecycle(self.service, store_dir, lambda: trouble(self.context, self.service), _note)

    @property
    def is_external(self) -> bool:
        """Whether somebody else starts and stops this gateway."""
        return self.context.instance.environ.get(SUPERVISOR_MODE) == "external"

    def wanted(self) -> bytes | None:
        """The service's file as the config wants it now; None when it is not this command's to write."""
        written, (snapshot, _) = self.service.written(), self.context.snapshot_or_error
        if written is None or snapshot is None or not is_ours(written) or written.environment.get(REPAIR_POLICY):
            return None
        spec = keeping(spec_of(self.context.instance, snapshot, self.service, written), written)
        return self.service.render(spec)


def context_of_owner(context: CliContext) -> CliContext:
    """The context of the user who typed `sudo`: the state is theirs, only the unit is root's (config-and-cli §12)."""
    given = context.instance.given_environ
    user = given.get("SUDO_USER", "")
    if os.geteuid() != 0 or user in ("", "root") or any(given.get(name) for name in _NAMES_AN_INSTANCE):
        return context
    try:
        home = pwd.getpwnam(user).pw_dir
    except KeyError:
        return context
    return replace(context, environ={**given, "HOME": home})


def answer(
    context: CliContext,
    action: str,
    work: Callable[[ServiceDoor], Outcome],
    *,
    as_json: bool,
    scope: Scope | None = None,
) -> int:
    """Do one verb and say what came of it: lines for people, or the one document of §5.1, also when it fails."""
    door: ServiceDoor | None = None
    try:
        door = ServiceDoor.open(context, scope)
        if door.is_external and action != "restart":
            raise SupervisedElsewhere(
                f"gateway {action}: another supervisor runs this gateway ({SUPERVISOR_MODE}=external)",
                hint="use that supervisor; this command would fight with it",
            )
        outcome = work(door)
    except GatewayError as error:
        if not as_json:
            raise
        print_failure(error, as_json=False)
        hints = addressed(error.hint or "", context.flags).splitlines()
        print_json(_document(action, door, ok=False, error=error.message, hints=hints))
        return error.exit_code
    if as_json:
        print_json(_document(action, door, ok=True, result=outcome.result, message="\n".join(outcome.lines)))
    else:
        for line in outcome.lines:
            tell(line)
    return 0


def _document(action: str, door: ServiceDoor | None, **more: Any) -> dict[str, Any]:
    document: dict[str, Any] = {"action": action, **more}
    if door is not None:
        state = door.service.state()
        document["service"] = {
            "label": state.label,
            "loaded": state.is_loaded,
            "loadedText": state.loaded_words[0],
            "notLoadedText": state.loaded_words[1],
        }
    return document


def _note(text: str) -> None:
    tell(text, err=True)
