"""What all levels of the fleet file are made of: strict sections and the kinds of their values."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from clawfleet.fleet.secret_refs import SecretRef, parse_secret_ref

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_PROFILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_BYTES = re.compile(r"[1-9][0-9]*[KMGT]?|infinity")
_PUBLIC_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [^\n\r\"]*)?")
_CALENDAR = re.compile(r"[A-Za-z0-9*:,./~ -]{1,100}")
_KEY_PATH = re.compile(r"\*|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_PERCENT = re.compile(r"[1-9][0-9]*%")
_IMAGE = re.compile(r"[a-z0-9][a-z0-9._/-]{0,200}:[A-Za-z0-9_][A-Za-z0-9._-]{0,100}")
_LOGIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


def _matching(pattern: re.Pattern[str], wanted: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{wanted}, got {value!r}")
        return value

    return AfterValidator(check)


def _place(value: str) -> str:
    if not value.startswith(("/", "~/")) or value in {"/", "~/"}:
        raise ValueError(f"must start with / or ~/ and name a place below it, got {value!r}")
    if ".." in value.split("/") or any(ord(char) < 32 for char in value):
        raise ValueError("must not contain .. or control characters")
    return value


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError(f"must be an address or a network such as 10.0.0.0/8, got {value!r}") from None


GatewayName = Annotated[str, _matching(_NAME, "must be lower-case letters, digits and dashes, at most 40")]
ProfileName = Annotated[str, _matching(_PROFILE, "must be letters, digits, dashes and underscores, at most 64")]
HostName = Annotated[str, _matching(_HOST, "must be lower-case letters, digits, dots and dashes, at most 63")]
OsUser = Annotated[str, _matching(_USER, "must be a plain Linux user name")]
Variable = Annotated[str, _matching(_VARIABLE, "must be an upper-case variable name")]
Bytes = Annotated[str, _matching(_BYTES, "must be a size such as 512M, 1G or infinity")]
KeyPath = Annotated[str, _matching(_KEY_PATH, "must be a dotted path of config keys, or * for all")]
Percent = Annotated[str, _matching(_PERCENT, "must be a percentage of one core such as 200%")]
Calendar = Annotated[str, _matching(_CALENDAR, "must be a calendar event of systemd such as daily or *-*-* 03:30")]
PublicKey = Annotated[str, _matching(_PUBLIC_KEY, "must be one public key: ssh-ed25519 AAAA… name")]
ImageName = Annotated[str, _matching(_IMAGE, "must be name:tag of an image")]
LoginName = Annotated[str, _matching(_LOGIN, "must be a plain user name")]
Network = Annotated[str, AfterValidator(_network)]
Place = Annotated[str, AfterValidator(_place)]
Secret = Annotated[SecretRef, BeforeValidator(parse_secret_ref)]


def is_gateway_name(text: str) -> bool:
    """Whether a new gateway may be called so, on every system."""
    return bool(_NAME.fullmatch(text))


class Section(BaseModel):
    """camelCase keys, nothing unknown, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=False)
