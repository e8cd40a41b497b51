"""`memory`: where texts become vectors. Source: models-and-auth §12, http-and-web §8."""

from pydantic import Field, SecretStr

from clawfleet.config.models.base import OpenSection, Text


class EmbeddingRemote(OpenSection):
    """A server of embeddings that is not one of `models.providers`, or another address and key for one that is."""

    base_url: Text | None = Field(None, min_length=1, description="Root of its API. Unset: the provider's.")
    api_key: SecretStr | None = Field(None, description="Its key. Unset: the provider's.")
    headers: dict[str, SecretStr] = Field({}, description="Sent with every request.")


class MemorySearch(OpenSection):
    """Which model makes vectors of texts."""

    provider: Text | None = Field(
        None, description="`openai`, `gemini`, `mistral`, `ollama`, `openai-compatible` or one of models.providers."
    )
    model: Text | None = Field(None, min_length=1, description="Its model. Unset: the provider's usual one.")
    remote: EmbeddingRemote = Field(EmbeddingRemote(), description="Where it is reached, if elsewhere.")


class Memory(OpenSection):
    """What agents remember beyond their sessions."""

    search: MemorySearch = Field(
        MemorySearch(), description="Makes the vectors of /v1/embeddings. Unset: agents.defaults.memorySearch."
    )
