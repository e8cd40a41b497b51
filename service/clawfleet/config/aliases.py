"""Older spellings of our keys, read as today's, in memory only: the file is never rewritten.

Source: config-and-cli §2.5.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from clawfleet.config.json_kind import kind_of
from clawfleet.config.keys import Problem
from clawfleet.config.path import KeyPath

_PROVIDER_APIS = {"openai": "openai-completions"}
_ENV_KEYS = frozenset({"vars", "shellEnv"})

Tree = dict[str, object]


@dataclass(slots=True)
class Normalised:
    """A tree in today's spelling. `moved` leads from places in it back to the places the operator wrote."""

    tree: Tree
    errors: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    moved: dict[KeyPath, KeyPath] = field(default_factory=dict)

    def written_at(self, path: KeyPath) -> KeyPath:
        """The place in the file that a place in the tree came from."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.moved:
                return self.moved[path[:length]] + path[length:]
        return path

    def move(self, new: KeyPath, old: KeyPath, *, note: bool = True) -> None:
        """Remember that `new` was written at `old`, and say so unless both spellings are good."""
        self.moved[new] = old
        if note:
            self.notes.append(Problem(old, f"older spelling, read as {'.'.join(map(str, new))}"))


def normalise(tree: Mapping[str, object]) -> Normalised:
    """`tree` in today's spelling; the given one is left as it is."""
    done = Normalised(_copied(tree))
    for rule in (
        _agents_list,
        _agent_ids,
        _root_identity,
        _bind_address,
        _flat_env,
        _exec_timeout,
        _brave_search,
        _plan_tool,
        _bedrock_discovery,
        _mcp_spellings,
        _sandbox_per_session,
        _provider_spellings,
        _telegram_spellings,
    ):
        rule(done)
    return done


def _agents_list(done: Normalised) -> None:
    agents = _section(done.tree, "agents")
    if "list" not in agents:
        return
    rows = agents.pop("list")
    if not isinstance(rows, list):
        message = f"Invalid input: expected array, received {kind_of(rows)}"
        done.errors.append(Problem(("agents", "list"), message))
        return
    entries = _section(agents, "entries", make=True)
    for index, row in enumerate(rows):
        here: KeyPath = ("agents", "list", index)
        name = row.get("id") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(name, str) or not name:
            done.errors.append(Problem(here, 'Invalid input: expected an object with an "id"'))
        elif name in entries:
            done.errors.append(Problem((*here, "id"), f'Invalid input: agent "{name}" is there already'))
        else:
            entries[name] = row
            done.move(("agents", "entries", name), here, note=False)


def _agent_ids(done: Normalised) -> None:
    """Ids are lower case, as they are in session keys."""
    agents = _section(done.tree, "agents")
    entries = _section(agents, "entries")
    if all(name == name.lower() for name in entries):
        return
    agents["entries"] = {name.lower(): row for name, row in entries.items()}
    for name, row in entries.items():
        if isinstance(row, dict) and isinstance(row.get("id"), str):
            row["id"] = row["id"].lower()
        old: KeyPath = ("agents", "entries", name)
        done.moved[("agents", "entries", name.lower())] = done.moved.get(old, old)


def _root_identity(done: Normalised) -> None:
    """The identity of the one agent there was is that of the default agent."""
    if "identity" not in done.tree:
        return
    entries = _at(done.tree, ("agents", "entries"))
    marked = next((name for name, row in entries.items() if isinstance(row, dict) and row.get("default") is True), None)
    name = marked or ("main" if "main" in entries or not entries else next(iter(entries)))
    if "identity" not in _section(entries, name):
        _put(done.tree, ("agents", "entries", name), "identity", done.tree.pop("identity"))
        done.move(("agents", "entries", name, "identity"), ("identity",))
    else:
        done.tree.pop("identity")
        done.notes.append(Problem(("identity",), f"left out: agents.entries.{name}.identity stands"))


def _bind_address(done: Normalised) -> None:
    gateway = _section(done.tree, "gateway")
    try:
        address = ipaddress.ip_address(str(gateway.get("bind")))
    except ValueError:
        return
    if address.is_loopback:
        gateway["bind"] = "loopback"
    elif address == ipaddress.ip_address("0.0.0.0"):
        gateway["bind"] = "lan"
    else:
        gateway["bind"] = "custom"
        gateway.setdefault("customBindHost", str(address))


def _flat_env(done: Normalised) -> None:
    env = _section(done.tree, "env")
    flat = [name for name, value in env.items() if name not in _ENV_KEYS and isinstance(value, str)]
    for name in flat:
        value = env.pop(name)
        if name not in _section(env, "vars"):
            _section(env, "vars", make=True)[name] = value
            done.move(("env", "vars", name), ("env", name))


def _exec_timeout(done: Normalised) -> None:
    agents = [("agents", "entries", name) for name in _section(_section(done.tree, "agents"), "entries")]
    for place in ((), *agents):
        _rename(done, (*place, "tools", "exec"), "timeoutSec", "timeoutSeconds")


def _brave_search(done: Normalised) -> None:
    place: KeyPath = ("plugins", "entries", "brave", "config", "webSearch")
    settings = _at(done.tree, place)
    search = _at(done.tree, ("tools", "web", "search"))
    for key in ("apiKey", "baseUrl"):
        if key in settings and key not in search:
            _put(done.tree, ("tools", "web", "search"), key, settings.pop(key))
            done.move(("tools", "web", "search", key), (*place, key), note=False)


def _bedrock_discovery(done: Normalised) -> None:
    place: KeyPath = ("plugins", "entries", "amazon-bedrock", "config", "discovery")
    settings = _at(done.tree, place)
    known = _at(done.tree, ("models", "bedrockDiscovery"))
    for key in ("region", "providerFilter", "defaultContextWindow", "defaultMaxTokens"):
        if key in settings and key not in known:
            _put(done.tree, ("models", "bedrockDiscovery"), key, settings.pop(key))
            done.move(("models", "bedrockDiscovery", key), (*place, key), note=False)


def _plan_tool(done: Normalised) -> None:
    tools = _section(done.tree, "tools")
    experimental = _section(tools, "experimental")
    if "planTool" in experimental and "updatePlan" not in tools:
        tools["updatePlan"] = experimental.pop("planTool")
        done.move(("tools", "updatePlan"), ("tools", "experimental", "planTool"))
        if not experimental:
            del tools["experimental"]


def _mcp_spellings(done: Normalised) -> None:
    for name, row in _at(done.tree, ("mcp", "servers")).items():
        place: KeyPath = ("mcp", "servers", name)
        _rename(done, place, "workingDirectory", "cwd")
        _rename(done, place, "type", "transport")
        if isinstance(row, dict) and row.get("transport") == "http":
            row["transport"] = "streamable-http"


def _sandbox_per_session(done: Normalised) -> None:
    agents = _section(done.tree, "agents")
    entries: list[KeyPath] = [("agents", "entries", name) for name in _section(agents, "entries")]
    for place in (("agents", "defaults"), *entries):
        sandbox = _at(done.tree, (*place, "sandbox"))
        if isinstance(sandbox.get("perSession"), bool):
            scope = "session" if sandbox.pop("perSession") else "shared"
            sandbox.setdefault("scope", scope)
            done.move((*place, "sandbox", "scope"), (*place, "sandbox", "perSession"))


def _provider_spellings(done: Normalised) -> None:
    providers = _at(done.tree, ("models", "providers"))
    for name, row in providers.items():
        _rename(done, ("models", "providers", name), "baseURL", "baseUrl")
        if isinstance(row, dict) and isinstance(row.get("api"), str):
            row["api"] = _PROVIDER_APIS.get(row["api"], row["api"])


def _telegram_spellings(done: Normalised) -> None:
    channels = _section(done.tree, "channels")
    defaults = channels.pop("defaults", {})
    telegram = _section(channels, "telegram")
    if not telegram:
        return
    _rename(done, ("channels", "telegram"), "token", "botToken")
    if isinstance(defaults, dict) and "groupPolicy" in defaults and "groupPolicy" not in telegram:
        telegram["groupPolicy"] = defaults["groupPolicy"]
        done.move(("channels", "telegram", "groupPolicy"), ("channels", "defaults", "groupPolicy"), note=False)


def _rename(done: Normalised, place: KeyPath, old: str, new: str) -> None:
    section = _at(done.tree, place)
    if old in section and new not in section:
        section[new] = section.pop(old)
        done.move((*place, new), (*place, old))


def _at(tree: Tree, path: KeyPath) -> Tree:
    for key in path:
        tree = _section(tree, str(key))
    return tree


def _put(tree: Tree, place: KeyPath, key: str, value: object) -> None:
    """Put `value` there, unless something that is no object stands in the way, which is told elsewhere."""
    for step in place:
        tree = _section(tree, str(step), make=True)
    tree[key] = value


def _section(tree: Tree, key: str, *, make: bool = False) -> Tree:
    """The object at `key`; an empty one, put there if `make`, when there is none."""
    found = tree.get(key)
    if isinstance(found, dict):
        return found
    fresh: Tree = {}
    if make and key not in tree:
        tree[key] = fresh
    return fresh


def _copied(tree: Mapping[str, object]) -> Tree:
    return {key: _copy(value) for key, value in tree.items()}


def _copy(node: object) -> object:
    if isinstance(node, Mapping):
        return _copied(node)
    return [_copy(item) for item in node] if isinstance(node, list) else node
