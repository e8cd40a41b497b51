"""The flags of `onboard` and what they decide; every one of OpenClaw's that means something here.

Source: config-and-cli §10.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import click

from clawfleet.cli.setup_answers import Answers, CustomProvider
from clawfleet.core.errors import RequestError
from clawfleet.models.presets import PRESETS

CUSTOM_CHOICE = "custom-api-key"
SKIP = "skip"
APIS = {"openai": "openai-completions", "openai-responses": "openai-responses", "anthropic": "anthropic-messages"}
_SPELT = {"gemini": "google", "zai-global": "zai"}
# Taken so that written-down command lines work; there is nothing to skip or to choose here.
_WITHOUT_EFFECT = ("--skip-skills", "--skip-hooks", "--skip-search", "--skip-ui", "--skip-bootstrap", "--classic")


class BadChoice(RequestError):
    """A flag is missing beside another, or names what this gateway has not."""

    code = "ONBOARD_FLAGS"
    exit_code = 1


def takes_onboard_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the flags as one mapping `flags`."""

    @functools.wraps(command)
    def with_flags(*args: Any, as_json: bool, **flags: Any) -> Any:
        return command(*args, flags=flags, as_json=as_json)

    for option in reversed(_options()):
        with_flags = option(with_flags)
    return with_flags


def _options() -> list[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    option = click.option
    keys = [
        option(
            f"--{name}-api-key", f"key_of_{name.replace('-', '_')}", metavar="KEY", hidden=True, help=f"Key of {name}."
        )
        for name in PRESETS
    ]
    ignored = [option(flag, flag.strip("-").replace("-", "_"), is_flag=True, hidden=True) for flag in _WITHOUT_EFFECT]
    return [
        option("--non-interactive", is_flag=True, help="Ask nothing; needs --accept-risk."),
        option("--accept-risk", is_flag=True, help="An agent with tools can do harm: you know."),
        option("--mode", type=click.Choice(["local", "remote"]), help="Run a gateway here, or use another's."),
        option("--workspace", metavar="DIR", help="The default agent's files."),
        option("--auth-choice", metavar="CHOICE", help="custom-api-key, <provider>-api-key, or skip."),
        option("--custom-base-url", metavar="URL", help="Address of an OpenAI-compatible API."),
        option("--custom-model-id", metavar="ID", help="Its model."),
        option("--custom-api-key", metavar="KEY", help="Its key; kept in .env."),
        option("--custom-provider-id", metavar="ID", help="Its name. Unset: custom-<host>-<port>."),
        option("--custom-compatibility", type=click.Choice(list(APIS)), default="openai", help="The wire it speaks."),
        option("--secret-input-mode", type=click.Choice(["ref", "plaintext"]), default="ref", show_default=True,
               help="Keys in .env, named by the config; or in the config."),
        option("--gateway-port", type=click.IntRange(1, 65535), metavar="PORT", help="Port to serve."),
        option("--gateway-bind", metavar="WHERE", help="loopback, lan, tailnet, auto, or an IPv4 address."),
        option("--gateway-auth", type=click.Choice(["token", "password"]), help="How clients prove themselves."),
        option("--gateway-token", metavar="TOKEN", help="The token. Unset: one is made."),
        option("--gateway-token-ref-env", metavar="NAME", help="The variable that holds the token."),
        option("--gateway-password", metavar="PASSWORD", help="The password."),
        option("--remote-url", metavar="URL", help="With --mode remote: where the gateway is."),
        option("--remote-token", metavar="TOKEN", help="Its token."),
        option("--remote-password", metavar="PASSWORD", help="Its password."),
        option("--skip-channels", is_flag=True, help="Ask for no messaging channel."),
        option("--skip-health", is_flag=True, help="Do not look whether the gateway answers."),
        option("--install-daemon/--no-install-daemon", "install_daemon", default=None, help="Register the service."),
        option("--skip-daemon", is_flag=True, help="Same as --no-install-daemon."),
        *keys,
        *ignored,
        option("--json", "as_json", is_flag=True, help="Print JSON."),
    ]  # fmt: skip


def answers_of(flags: Mapping[str, Any]) -> Answers:
    """What the flags decide. Raises BadChoice."""
    mode = flags["mode"] or "local"
    remote = {key: flags[f"remote_{key}"] for key in ("url", "token", "password") if flags[f"remote_{key}"]}
    if mode == "remote" and "url" not in remote:
        raise BadChoice("--mode remote needs --remote-url", hint="for example --remote-url wss://gateway.example")
    custom, model, variables = _model(flags)
    return Answers(
        mode=mode,
        workspace=flags["workspace"],
        port=flags["gateway_port"],
        bind=flags["gateway_bind"],
        auth=_auth(flags),
        remote=remote if mode == "remote" else {},
        custom=custom,
        model=model,
        variables=variables,
        keeps_keys_in_config=flags["secret_input_mode"] == "plaintext",  # noqa: S105 - a word of a flag
    )


def wants_service(flags: Mapping[str, Any]) -> bool | None:
    """Whether the service shall be registered; None when nothing was said."""
    return False if flags["skip_daemon"] else flags["install_daemon"]


def _auth(flags: Mapping[str, Any]) -> dict[str, str] | None:
    token, password, name = flags["gateway_token"], flags["gateway_password"], flags["gateway_token_ref_env"]
    mode = flags["gateway_auth"] or ("password" if password and not (token or name) else "token")
    if mode == "password":
        if not password:
            raise BadChoice("--gateway-auth password needs --gateway-password")
        return {"mode": "password", "password": password}
    token = f"${{{name}}}" if name else token
    return {"mode": "token", "token": token} if token else None


def _model(flags: Mapping[str, Any]) -> tuple[CustomProvider | None, str | None, dict[str, str]]:
    """A custom provider, or a model of a known one with the variable that holds its key."""
    choice = flags["auth_choice"] or _implied(flags)
    if choice in (None, SKIP):
        return None, None, {}
    if choice == CUSTOM_CHOICE:
        if not (flags["custom_base_url"] and flags["custom_model_id"]):
            raise BadChoice(f"--auth-choice {CUSTOM_CHOICE} needs --custom-base-url and --custom-model-id")
        api = APIS[flags["custom_compatibility"]]
        key, name = flags["custom_api_key"], flags["custom_provider_id"]
        return CustomProvider(flags["custom_base_url"], flags["custom_model_id"], key, name, api), None, {}
    name = choice.removesuffix("-api-key")
    preset = PRESETS.get(_SPELT.get(name, name))
    if preset is None:
        known = ", ".join([CUSTOM_CHOICE, *(f"{each}-api-key" for each in PRESETS), SKIP])
        raise BadChoice(f"--auth-choice {choice} is not one of this gateway's", hint=f"there are: {known}")
    provider = _SPELT.get(name, name)
    key = flags[f"key_of_{provider.replace('-', '_')}"]
    variables = {preset.key_names[0]: key} if key and preset.key_names else {}
    return None, f"{provider}/{preset.models[0].id}" if preset.models else None, variables


def _implied(flags: Mapping[str, Any]) -> str | None:
    """The choice that a key alone makes."""
    if flags["custom_base_url"]:
        return CUSTOM_CHOICE
    return next((f"{name}-api-key" for name in PRESETS if flags.get(f"key_of_{name.replace('-', '_')}")), None)
