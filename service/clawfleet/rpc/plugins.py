"""`plugins.*`: code that others add to a gateway. This one loads none and says so."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import Field

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method

NO_PLUGINS = "this gateway loads no plugins"


class Diagnostic(Result):
    """What is to be known beside the list."""

    level: str
    message: str


class Plugins(Result):
    """The answer of `plugins.list`. `generation` grows when plugins are loaded anew; it stays 0."""

    plugins: list[dict[str, Any]]
    diagnostics: list[Diagnostic]
    mutation_allowed: bool
    generation: int


@method("plugins.list", scope="operator.read")
async def list_plugins(call: Call, params: NoParams) -> Plugins:
    """The plugins: none, and none can be installed."""
    note = Diagnostic(level="info", message=NO_PLUGINS)
    return Plugins(plugins=[], diagnostics=[note], mutation_allowed=False, generation=0)


class ControlUiPlugins(Result):
    """The answer of `plugins.controlUi.list`. The revision is the digest of the list."""

    revision: str
    plugins: list[dict[str, Any]]
    diagnostics: list[Diagnostic]


@method("plugins.controlUi.list", scope="operator.read")
async def list_control_ui_plugins(call: Call, params: NoParams) -> ControlUiPlugins:
    """Pages that plugins add to a Control UI: none."""
    return ControlUiPlugins(revision=hashlib.sha256(b"[]").hexdigest(), plugins=[], diagnostics=[])


class CatalogParams(Params):
    """A page of the catalog."""

    intent: str = "all"
    page_size: int = Field(default=50, ge=1)


class Catalog(Result):
    """The answer of `plugins.catalog.browse`."""

    items: list[dict[str, Any]]


@method("plugins.catalog.browse", scope="operator.read")
async def browse_catalog(call: Call, params: CatalogParams) -> Catalog:
    """Plugins that could be installed: none."""
    return Catalog(items=[])
