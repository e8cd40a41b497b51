"""Which models Amazon Bedrock has for an account, asked by the AWS library, which is an extra and loaded only here.

Chats do not go through Bedrock; a proxy such as LiteLLM makes one of its models a provider.
Source: models-and-auth §10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clawfleet.config.models.providers import BedrockDiscovery
from clawfleet.models.credentials import Credential
from clawfleet.models.discovery import CannotAsk, Listing, NoAnswer
from clawfleet.models.offers import Offer
from clawfleet.models.setups import ProviderSetup

PROVIDER = "amazon-bedrock"
API = "bedrock-converse-stream"
DEFAULT_REGION = "us-east-1"
TIMEOUT_S = 10.0
_SENSES = ("text", "image", "audio", "video")


@dataclass(frozen=True, slots=True)
class Account:
    """Where and as whom AWS is asked. Without keys the library looks where all AWS tools do: files, roles, machine."""

    region: str
    endpoint: str | None = None
    keys: Mapping[str, str] | None = None
    profile: str | None = None

    @property
    def setup(self) -> ProviderSetup:
        """The provider that the models belong to."""
        url = self.endpoint or f"https://bedrock.{self.region}.amazonaws.com"
        return ProviderSetup(PROVIDER, url, API, Credential(), is_configured=True)


def account_of(discovery: BedrockDiscovery, environ: Mapping[str, str]) -> Account:
    """The account that config and environment name."""
    region = discovery.region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    names = {
        "aws_access_key_id": "AWS_ACCESS_KEY_ID",
        "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
        "aws_session_token": "AWS_SESSION_TOKEN",
    }
    keys = {field: value for field, name in names.items() if (value := environ.get(name, "").strip())}
    endpoint = environ.get("AWS_ENDPOINT_URL_BEDROCK") or environ.get("AWS_ENDPOINT_URL")
    return Account(region, endpoint or None, keys or None, None if keys else environ.get("AWS_PROFILE"))


def ask_bedrock(discovery: BedrockDiscovery, environ: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> Listing:
    """What the account may use. Blocks. Raises `CannotAsk` without library or key, `NoAnswer` for what AWS says."""
    try:
        import boto3
        import botocore.exceptions as problems
        from botocore.config import Config as ClientConfig
    except ImportError:
        raise CannotAsk(
            "Amazon Bedrock needs the AWS library, which is not installed", hint="pip install 'clawfleet[bedrock]'"
        ) from None
    account = account_of(discovery, environ)
    limits = ClientConfig(connect_timeout=timeout_s, read_timeout=timeout_s, retries={"total_max_attempts": 2})
    try:
        session = boto3.Session(profile_name=account.profile, **(account.keys or {}))
        client = session.client("bedrock", region_name=account.region, endpoint_url=account.endpoint, config=limits)
        models = client.list_foundation_models(byOutputModality="TEXT").get("modelSummaries", [])
        profiles = client.list_inference_profiles(maxResults=1000).get("inferenceProfileSummaries", [])
    except (problems.NoCredentialsError, problems.PartialCredentialsError, problems.ProfileNotFound) as error:
        raise CannotAsk(
            f"No AWS credentials found: {error}", hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        ) from None
    except problems.ClientError as error:
        raise _refusal(account, error.response) from None
    except (problems.BotoCoreError, ValueError) as error:
        raise NoAnswer(f"Amazon Bedrock in {account.region} cannot be asked: {error}") from None
    return Listing(account.setup, account.setup.base_url, offers_of(models, profiles, discovery))


def offers_of(
    models: Iterable[Mapping[str, Any]], profiles: Iterable[Mapping[str, Any]], discovery: BedrockDiscovery
) -> tuple[Offer, ...]:
    """The models that answer in a stream and are not retired, and the inference profiles that lead to them."""
    wanted = {name.strip().lower() for name in discovery.provider_filter}
    active = {
        row["modelId"]: row
        for row in models
        if row.get("responseStreamingSupported")
        and row.get("modelLifecycle", {}).get("status", "ACTIVE") == "ACTIVE"
        and (not wanted or str(row.get("providerName", "")).lower() in wanted)
    }
    found = [
        _offer(name, row, row.get("modelName", name), discovery)
        for name, row in active.items()
        if "ON_DEMAND" in row.get("inferenceTypesSupported", ["ON_DEMAND"])
    ]
    for row in profiles:
        behind = (str(model.get("modelArn", "")).rpartition("/")[2] for model in row.get("models", ()))
        model = next((active[name] for name in behind if name in active), None)
        if model is not None and row.get("status", "ACTIVE") == "ACTIVE":
            name = row["inferenceProfileId"]
            found.append(_offer(name, model, row.get("inferenceProfileName", name), discovery))
    return tuple(found)


def _offer(name: str, row: Mapping[str, Any], shown: str, discovery: BedrockDiscovery) -> Offer:
    senses = {str(each).lower() for each in row.get("inputModalities", ())}
    return Offer(
        id=name,
        context_window=discovery.default_context_window,
        max_tokens=discovery.default_max_tokens,
        input=tuple(each for each in _SENSES if each in senses) or ("text",),
        name=shown,
    )


def _refusal(account: Account, response: Mapping[str, Any]) -> NoAnswer:
    error, meta = response.get("Error", {}), response.get("ResponseMetadata", {})
    status, said = meta.get("HTTPStatusCode"), error.get("Message", "")
    if status in (401, 403):
        return NoAnswer(
            f'Provider "{PROVIDER}" rejected the key (HTTP {status}: {said})',
            hint="the account needs bedrock:ListFoundationModels and bedrock:ListInferenceProfiles",
            status=status,
        )
    return NoAnswer(f"Amazon Bedrock in {account.region} answered HTTP {status}: {said}", status=status)
