"""`openclaw models auth add|login|paste-api-key|paste-token`: keep a credential. Secrets come by prompt or pipe only.

Source: models-and-auth §8.2.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from clawfleet.cli.config_edit import edit_config
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.models_auth_store import asked_secret, in_store, stored_ring
from clawfleet.cli.models_choice import allow_steps, catalog_of, primary_steps
from clawfleet.config.change import Edit
from clawfleet.config.provider_ids import provider_id
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError

if TYPE_CHECKING:
    from clawfleet.models.auth.profiles import AuthProfile

Kind = Literal["api_key", "token", "oauth"]
UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
PREFIXES = {("anthropic", "token"): "sk-ant-oat01-"}


class BadCredential(RequestError):
    """What was pasted cannot be what was asked for."""

    code = "BAD_CREDENTIAL"
    exit_code = 1


_provider = click.option("--provider", required=True, metavar="ID", help="Whose credential it is.")
_profile = click.option("--profile-id", metavar="ID", help="Its name. Default: <provider>:manual.")
_agent = click.option("--agent", metavar="ID", help="Keep it for this agent only. Default: for all agents.")


@click.command(
    "paste-api-key", epilog="\b\nExamples:\n  pass show groq | openclaw models auth paste-api-key --provider groq"
)
@_provider
@_profile
@_agent
@pass_cli
def paste_api_key_command(cli: CliContext, provider: str, profile_id: str | None, agent: str | None) -> None:
    """Keep an API key, asked for unseen or read from standard input."""
    keep(cli, named(provider, profile_id, agent, "api_key"))


@click.command(
    "paste-token", epilog="\b\nExamples:\n  openclaw models auth paste-token --provider anthropic --expires-in 365d"
)
@_provider
@_profile
@_agent
@click.option("--expires-in", metavar="TIME", help="How long it is good, e.g. 365d or 12h. Default: for ever.")
@pass_cli
def paste_token_command(
    cli: CliContext, provider: str, profile_id: str | None, agent: str | None, expires_in: str | None
) -> None:
    """Keep a bearer token, asked for unseen or read from standard input."""
    keep(cli, named(provider, profile_id, agent, "token", expiry_of(expires_in)))


@click.command("setup-token", epilog="\b\nExamples:\n  claude setup-token\n  openclaw models auth setup-token")
@click.option("--provider", default="anthropic", show_default=True, metavar="ID", help="Whose token it is.")
@_profile
@_agent
@click.option("--yes", is_flag=True, help="Accepted; nothing is asked but the token.")
@pass_cli
def setup_token_command(
    cli: CliContext, provider: str, profile_id: str | None, agent: str | None, *, yes: bool
) -> None:
    """Keep the token that `claude setup-token` prints."""
    if sys.stdin.isatty():
        click.echo("Run `claude setup-token` in another terminal and paste the token that it prints.", err=True)
    keep(cli, named(provider, profile_id, agent, "token"))


@click.command("add", epilog="\b\nExamples:\n  openclaw models auth add --provider openrouter")
@click.option("--provider", prompt="Provider", metavar="ID", help="Whose credential it is.")
@_profile
@_agent
@pass_cli
def add_command(cli: CliContext, provider: str, profile_id: str | None, agent: str | None) -> None:
    """Keep an API key, step by step."""
    keep(cli, named(provider, profile_id, agent, "api_key"))


@click.command(
    "login",
    epilog="\b\nExamples:\n  openclaw models auth login --provider groq --set-default\n"
    "  openclaw models auth login --provider anthropic --method token --force",
)
@_provider
@click.option("--method", type=click.Choice(["api-key", "token", "oauth"]), default="api-key", help="What is kept.")
@_profile
@_agent
@click.option("--token-url", metavar="URL", help="oauth: where the login is renewed.")
@click.option("--client-id", metavar="ID", help="oauth: as whom it is renewed.")
@click.option("--force", is_flag=True, help="Forget the provider's other credentials of that agent.")
@click.option("--set-default", is_flag=True, help="Also make the provider's first model the agents' model.")
@pass_cli
def login_command(cli: CliContext, /, provider: str, method: str, **more: Any) -> None:
    """Keep a credential of a provider; of an oauth login its refresh token, which is renewed from then on."""
    profile_id, agent = more["profile_id"], more["agent"]
    if method == "oauth":
        profile = _renewable(named(provider, profile_id, agent, "oauth"), more["token_url"], more["client_id"])
    else:
        profile = asked_for(named(provider, profile_id, agent, "api_key" if method == "api-key" else "token"))
    if more["force"]:
        _forget_others(cli, profile)
    _store(cli, profile)
    if more["set_default"]:
        _set_default(cli, profile.provider)


def keep(cli: CliContext, profile: AuthProfile) -> None:
    """Ask for the secret of `profile` and keep it. Raises BadProfile, BadCredential."""
    _store(cli, asked_for(profile))


def asked_for(profile: AuthProfile) -> AuthProfile:
    """`profile` with its secret, which is asked for. Raises BadProfile, BadCredential."""
    from dataclasses import replace

    secret = asked_secret("API key" if profile.kind == "api_key" else "Token")
    prefix = PREFIXES.get((profile.provider, profile.kind), "")
    if not secret.startswith(prefix):
        raise BadCredential(f"Expected token starting with {prefix}", hint="an API key goes into paste-api-key")
    return replace(profile, secret=secret)


def expiry_of(text: str | None) -> int:
    """When something ends that is good for `text`, ms since the epoch; 0 without one. Raises BadCredential."""
    if not text:
        return 0
    match = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    if match is None:
        raise BadCredential(f"{text} is no time", hint="write e.g. 365d, 12h or 30m")
    return now_ms() + int(match[1]) * UNITS_MS[match[2]]


def named(provider: str, profile_id: str | None, agent: str | None, kind: Kind, expires_at_ms: int = 0) -> AuthProfile:
    """A credential without its secret."""
    from clawfleet.models.auth.profiles import AuthProfile
    from clawfleet.models.auth.ring import SHARED

    name = provider_id(provider)
    return AuthProfile(profile_id or f"{name}:manual", name, kind, owner=agent or SHARED, expires_at_ms=expires_at_ms)


def _store(cli: CliContext, profile: AuthProfile) -> None:
    in_store(cli, lambda store: store.put(profile))
    row = {"provider": profile.provider, "mode": profile.kind}
    edit_config(cli, lambda source: [Edit(("auth", "profiles", profile.id), row)])
    click.echo(f"Auth profile: {profile.id} ({profile.provider}/{profile.kind})")


def _renewable(profile: AuthProfile, token_url: str | None, client_id: str | None) -> AuthProfile:
    from dataclasses import replace

    if not token_url:
        raise click.UsageError("--method oauth needs --token-url URL.")
    refresh = asked_secret("Refresh token")
    return replace(profile, refresh=refresh, token_url=token_url, client_id=client_id, expires_at_ms=1)


def _forget_others(cli: CliContext, profile: AuthProfile) -> None:
    there = [row.id for row in stored_ring(cli).all() if (row.owner, row.provider) == (profile.owner, profile.provider)]
    if gone := in_store(cli, lambda store: store.remove(profile.owner, there)):
        click.echo(f"Removed: {', '.join(gone)}")


def _set_default(cli: CliContext, provider: str) -> None:
    ref = next((str(row.ref) for row in catalog_of(cli).rows if row.ref.provider == provider), None)
    if ref is None:
        raise BadCredential(f"{provider} has no model that could be the default", hint="openclaw models scan --help")
    edit_config(cli, lambda source: [*primary_steps(source, "model", ref), *allow_steps(source, ref)])
    click.echo(f"Default model: {ref}")
