"""The approvals document, here or of a running gateway, for the commands that show and change it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import click

from clawfleet.cli.context import CliContext
from clawfleet.cli.target import Ask, open_gateway
from clawfleet.config.models.root import Config
from clawfleet.core.errors import RequestError
from clawfleet.tools.exec_document import ExecDocument, wire_of
from clawfleet.tools.exec_policy import ApprovalsDocument, policy_for, wanted
from clawfleet.tools.runtime.orders import config_for
from clawfleet.tools.subject import Subject

NOTE = (
    "Effective is the stricter of tools.exec and the approvals document; "
    "what /exec changed for a session is not part of it."
)


@dataclass(frozen=True, slots=True)
class Held:
    """A document as it is kept; `hash` names its content."""

    path: str
    exists: bool
    file: dict[str, Any]
    hash: str

    @property
    def wire(self) -> dict[str, Any]:
        """The same for scripts."""
        return {"path": self.path, "exists": self.exists, "hash": self.hash, "file": self.file}


class Rules(Protocol):
    """Where the document is: `target` is local or gateway."""

    target: str

    def read(self) -> Held:
        """The document now."""
        ...

    def write(self, file: dict[str, Any], base_hash: str) -> Held:
        """The document after it was replaced. Raises `GatewayError` when it is another one by now."""
        ...


class LocalRules:
    """The file of this instance."""

    target = "local"

    def __init__(self, cli: CliContext) -> None:
        self._document = ExecDocument(cli.instance.state_dir)

    def read(self) -> Held:
        """What is on disk."""
        kept = self._document.read()
        return Held(str(kept.path), kept.exists, wire_of(kept.document), kept.hash)

    def write(self, file: dict[str, Any], base_hash: str) -> Held:
        """Replace it."""
        kept = self._document.write(ApprovalsDocument.model_validate(file), base_hash)
        return Held(str(kept.path), kept.exists, wire_of(kept.document), kept.hash)


class GatewayRules:
    """The document of a running gateway."""

    target = "gateway"

    def __init__(self, cli: CliContext, ask: Ask) -> None:
        self._cli = cli
        self._ask = ask

    def read(self) -> Held:
        """What it tells."""
        return self._call("exec.approvals.get", {})

    def write(self, file: dict[str, Any], base_hash: str) -> Held:
        """Have it replaced."""
        return self._call("exec.approvals.set", {"file": file, "baseHash": base_hash})

    def _call(self, method: str, params: dict[str, Any]) -> Held:
        with open_gateway(self._cli, self._ask) as gateway:
            told = gateway.call(method, params)
        return Held(told["path"], told["exists"], told["file"], told["hash"])


class NoNode(RequestError):
    """The rules of a node are asked for."""

    code = "NODE_UNKNOWN"
    exit_code = 1

    def __init__(self, node: str) -> None:
        super().__init__(f"no node {node!r} runs commands for this gateway", hint="leave --node out")


def names_rules(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the flags that say whose document is meant, as one parameter `rules`."""

    @click.option(
        "--gateway", "by_gateway", is_flag=True, help="Those of the running gateway, instead of the file here."
    )
    @click.option("--node", metavar="NODE", help="Those of a node.")
    @functools.wraps(command)
    def with_rules(cli: CliContext, ask: Ask, *args: Any, by_gateway: bool, node: str | None, **more: Any) -> Any:
        if node:
            raise NoNode(node)
        rules = GatewayRules(cli, ask) if by_gateway or ask != Ask() else LocalRules(cli)
        return command(cli, rules, *args, **more)

    return with_rules


def effective(config: Config, document: ApprovalsDocument) -> Iterator[dict[str, Any]]:
    """What holds for commands of each agent."""
    for agent_id in config.agents.entries or ("main",):
        execution = config_for(config, Subject(agent_id, f"agent:{agent_id}:main"))
        policy = policy_for(execution, document, agent_id)
        security, ask = wanted(execution)
        yield {
            "scopeLabel": f"agent {agent_id}",
            "configPath": "tools.exec",
            "agentId": agent_id,
            "host": {"requested": execution.host},
            "security": {"requested": security, "effective": policy.security},
            "ask": {"requested": ask, "effective": policy.ask},
            "askFallback": {"effective": policy.fallback},
            "allowedDecisions": ["allow-once", "deny"]
            if policy.ask == "always"
            else ["allow-once", "allow-always", "deny"],
        }
