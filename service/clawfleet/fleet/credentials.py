"""Who holds which key: shared tokens, gateways open to the network, variables without a value. A5, A6, A8, A10."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from clawfleet.fleet.instance import TOKEN_NAME, GatewayInstance
from clawfleet.fleet.overlay import value_at, variables
from clawfleet.fleet.problems import Problem

Fingerprints = Mapping[tuple[str, str], str]
"""(instance id, variable) → keyed hash of the resolved value, hex. Equal values have equal fingerprints."""

SHOWN = 8
_BOT_TOKEN = re.compile(r"[A-Z0-9_]*BOT_TOKEN")
_LOOKS_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY|CREDENTIAL")
_RESERVED = re.compile(r"OPENCLAW_.*|HOME|PATH|USER|TMPDIR|XDG_.*")


def find_credential_problems(instances: Sequence[GatewayInstance], fingerprints: Fingerprints) -> list[Problem]:
    """Every credential that is shared, missing, or lying where everyone can read it; across the whole fleet."""
    problems = [
        problem for item in instances for problem in (*_variables(item), *_environment(item), *_open_to_network(item))
    ]
    return [*problems, *_shared(instances, fingerprints)]


def _shared(instances: Sequence[GatewayInstance], fingerprints: Fingerprints) -> Iterator[Problem]:
    """Every token that two gateways have. Only those that share a value or a reference are held against each other."""
    groups: dict[object, list[GatewayInstance]] = {}
    for item in instances:
        for name in {TOKEN_NAME, *bot_tokens(item)} & item.secrets.keys():
            ref = item.secrets[name]
            for key in {fingerprints.get((item.id, name)), ref if ref.source != "generate" else None} - {None}:
                groups.setdefault(key, []).append(item)
    pairs = {(one.id, other.id): (one, other) for group in groups.values() for one, other in combinations(group, 2)}
    for one, other in pairs.values():
        if one.id != other.id:
            yield from (*_bot_tokens(one, other, fingerprints), *_gateway_tokens(one, other, fingerprints))


def bot_tokens(item: GatewayInstance) -> set[str]:
    """The secrets that log a bot in: named so, or referred to below `channels` in the config."""
    referred = set(variables(item.config.get("channels", {})))
    return {name for name in item.secrets if name in referred or _BOT_TOKEN.fullmatch(name)}


def _bot_tokens(one: GatewayInstance, other: GatewayInstance, fingerprints: Fingerprints) -> Iterator[Problem]:
    for mine in sorted(bot_tokens(one)):
        for theirs in sorted(bot_tokens(other)):
            if same := _same((one, mine), (other, theirs), fingerprints):
                yield Problem(
                    "A5",
                    f"{one.id} ({mine}) and {other.id} ({theirs}) log in with the same bot token{same}: "
                    "both would fight for its messages",
                    "make one bot per gateway",
                )


def _gateway_tokens(one: GatewayInstance, other: GatewayInstance, fingerprints: Fingerprints) -> Iterator[Problem]:
    if one.share_token and other.share_token:
        return
    if same := _same((one, TOKEN_NAME), (other, TOKEN_NAME), fingerprints):
        yield Problem(
            "A6",
            f"{one.id} and {other.id} have the same gateway token{same}: who may use one could use both",
            f"give each its own {TOKEN_NAME}, leave it out to have one generated, or say `shareToken: true` in both",
        )


def _same(one: tuple[GatewayInstance, str], other: tuple[GatewayInstance, str], fingerprints: Fingerprints) -> str:
    """How the two are known to be equal, as words for a message; the empty string when they are not."""
    refs = [item.secrets.get(name) for item, name in (one, other)]
    values = [fingerprints.get((item.id, name)) for item, name in (one, other)]
    if values[0] and values[0] == values[1]:
        return f" (fingerprint {values[0][:SHOWN]})"
    if refs[0] is not None and refs[0] == refs[1] and refs[0].source != "generate":
        return f" ({refs[0]})"
    return ""


def _open_to_network(item: GatewayInstance) -> Iterator[Problem]:
    if item.bind != "loopback" and value_at(item.config, "gateway.auth.mode") == "none":
        yield Problem(
            "A8",
            f"{item.id}: refusing to bind gateway to {item.bind} without auth",
            "remove `gateway.auth.mode: none` from its config, or bind to loopback",
        )


def _variables(item: GatewayInstance) -> Iterator[Problem]:
    for name in sorted(set(variables(item.config)) - item.secrets.keys() - item.env.keys()):
        yield Problem(
            "A10",
            f"{item.id}: its config refers to ${{{name}}}, which has no value",
            f"add {name} to its `secrets` (or to `env` if it is no secret)",
            # Its .env may have it: what the fleet does not know stays there.
            "warning" if item.env_unknown == "keep" else "error",
        )


def _environment(item: GatewayInstance) -> Iterator[Problem]:
    for name in sorted(item.env):
        if name in item.secrets:
            yield Problem("env", f"{item.id}: {name} stands in both `env` and `secrets`", "keep one of them")
        elif _RESERVED.fullmatch(name):
            yield Problem("env", f"{item.id}: {name} in `env` is set by the unit itself", "remove it")
        elif _LOOKS_SECRET.search(name):
            yield Problem(
                "env",
                f"{item.id}: {name} in `env` looks like a secret, and units can be read by everyone",
                f"move {name} to `secrets`",
            )
