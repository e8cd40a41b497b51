"""`models`: providers, their wire and their models. Source: models-and-auth §3."""

from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, SecretStr, model_validator

from clawfleet.config.models.base import Flag, OpenSection, Seconds, Section, Text, Whole
from clawfleet.config.models.provider_request import RequestOverrides

WireApi = Literal["openai-completions", "openai-responses", "anthropic-messages", "google-generative-ai", "ollama"]
ThinkingLevel = Literal["off", "minimal", "low", "medium", "high", "xhigh", "max"]
Tokens = Annotated[Whole, Field(gt=0)]


class ModelEntry(OpenSection):
    """One model of a provider."""

    id: Text = Field(min_length=1, description="The provider's own name of the model.")
    name: Text = Field("", description="Display name. Unset: the id.")
    api: WireApi | None = Field(None, description="The wire it speaks. Unset: the provider's.")
    base_url: Text | None = Field(None, min_length=1, description="Where it is reached. Unset: the provider's.")
    reasoning: Flag = Field(False, description="The model reasons before it answers.")
    input: tuple[Text, ...] = Field(("text",), description="What it reads: text, image, audio, video.")
    context_window: Tokens | None = Field(None, description="Tokens it can hold. Unset: the provider's, else 128000.")
    max_tokens: Tokens | None = Field(None, description="Longest answer in tokens. Unset: no limit is sent.")
    compat: dict[str, object] = Field({}, description="Deviations of this endpoint from its wire API.")
    headers: dict[str, SecretStr] = Field({}, description="Sent for this model; stronger than the provider's.")
    params: dict[str, object] = Field({}, description="Sent for this model: temperature, maxTokens, extra_body ….")
    thinking_level_map: dict[ThinkingLevel, Text | None] = Field(
        {}, description="What the provider calls a thinking level; null: the model has none such."
    )

    @model_validator(mode="before")
    @classmethod
    def _name_is_id(cls, value: object) -> object:
        if isinstance(value, dict) and not value.get("name") and isinstance(value.get("id"), str):
            return {**value, "name": value["id"]}
        return value


class ModelProvider(OpenSection):
    """One endpoint that serves models. Only known providers may leave out `base_url` and `models`."""

    base_url: Text | None = Field(
        None, min_length=1, description="Root of its API, e.g. http://127.0.0.1:8317/v1. Unset: the known provider's."
    )
    api: WireApi = Field("openai-completions", description="The wire it speaks.")
    api_key: SecretStr | None = Field(None, description="Its key; write ${NAME} and keep the value in .env.")
    auth_header: Flag = Field(
        False, description="Sends the key as Authorization: Bearer too, beside the wire's own way."
    )
    headers: dict[str, SecretStr] = Field({}, description="Sent with every request.")
    request: RequestOverrides = Field(RequestOverrides(), description="How its requests travel.")
    params: dict[str, object] = Field({}, description="Sent for all its models: temperature, maxTokens, extra_body ….")
    timeout_seconds: Seconds | None = Field(
        None,
        description="Longest wait: for the connection (60 at most), for the first byte, between two bytes. "
        "Unset: 10; then 120, or 300 where the server is near.",
    )
    context_window: Tokens | None = Field(None, description="For models that do not say.")
    max_tokens: Tokens | None = Field(None, description="For models that do not say.")
    models: tuple[ModelEntry, ...] | None = Field(
        None, description="Its models; may be empty. Unset: the known provider's."
    )
    _key_place: str | None = PrivateAttr(None)

    @property
    def key_place(self) -> str | None:
        """Where its key is written when that is not the config file."""
        return self._key_place

    def kept_in(self, place: str) -> Self:
        """The same; its key is written in `place`."""
        self._key_place = place
        return self


class BedrockDiscovery(OpenSection):
    """Which models of Amazon Bedrock are listed."""

    region: Text | None = Field(None, description="AWS region. Unset: AWS_REGION, AWS_DEFAULT_REGION, us-east-1.")
    provider_filter: tuple[Text, ...] = Field((), description="Only models of these makers, e.g. anthropic; [] is all.")
    default_context_window: Tokens | None = Field(None, description="AWS does not say; written for new models.")
    default_max_tokens: Tokens | None = Field(None, description="AWS does not say; written for new models.")


class Models(Section):
    """Where models come from."""

    mode: Literal["merge", "replace"] = Field("merge", description="`replace` offers only the models listed here.")
    providers: dict[str, ModelProvider] = Field({}, description="Endpoints by provider id.")
    bedrock_discovery: BedrockDiscovery = Field(
        BedrockDiscovery(), description="For models scan --provider amazon-bedrock."
    )
