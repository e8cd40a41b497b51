"""`POST /v1/embeddings`: texts as vectors, by the configured provider. Source: http-and-web §8."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from clawfleet.core.errors import GatewayError
from clawfleet.models.embeddings import Vectors
from clawfleet.models.providers.failures import NoKey, VariableUnset
from clawfleet.rpc.call import Gateway
from clawfleet.server.chat_request import BadChatRequest, read_target
from clawfleet.server.http_auth import peer_of, require_bearer
from clawfleet.server.http_body import read_body
from clawfleet.server.http_errors import HttpRefusal, bad_request, refusal_of
from clawfleet.server.http_models import endpoint_disabled

MAX_BODY = 5 * 1024 * 1024
MAX_INPUTS = 128
MAX_CHARS = 8192
MAX_TOTAL_CHARS = 65_536


def embeddings(gateway: Gateway) -> APIRouter:
    """The embeddings endpoint."""
    router = APIRouter()

    @router.post("/v1/embeddings")
    @router.post("/v1/embeddings/", include_in_schema=False)
    async def embed(request: Request) -> JSONResponse:
        """One vector for each text."""
        peer = peer_of(request, gateway)
        if not gateway.snapshot.config.gateway.http.endpoints.chat_completions.enabled:
            raise endpoint_disabled()
        await require_bearer(peer, gateway)
        asked = _object(await read_body(request, MAX_BODY))
        texts = _texts(asked.get("input"))
        model = _agent_exists(gateway, asked.get("model"))
        try:
            found = await gateway.models.embed(texts, request.headers.get("x-openclaw-model"), _dimensions(asked))
        except (NoKey, VariableUnset) as error:
            text = f"{error.message} {error.hint}" if error.hint else error.message
            raise HttpRefusal(503, text, "api_error", code=error.code) from error
        except GatewayError as error:
            raise refusal_of(error) from error
        return JSONResponse(_answer(found, model, packed=asked.get("encoding_format") == "base64"))

    return router


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise bad_request("Request body must be a JSON object.")
    return asked


def _agent_exists(gateway: Gateway, model: object) -> str:
    """`model` as it is echoed, when it names an agent; every agent's vectors are the same."""
    if not isinstance(model, str) or not model.strip():
        raise bad_request("Missing `model`.")
    try:
        agent_id = read_target(model)
    except BadChatRequest as error:
        raise bad_request(error.message) from error
    if agent_id is not None and agent_id not in gateway.roster.agents:
        raise bad_request(f"Unknown agent in `model`: {model}")
    return model


def _texts(given: object) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    if isinstance(texts, list) and texts and all(isinstance(each, int | list) for each in texts):
        raise bad_request(
            "`input` must be a string or an array of strings. Tokens are not read here: "
            "with LangChain say OpenAIEmbeddings(check_embedding_ctx_length=False)."
        )
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise bad_request("`input` must be a string or an array of strings.")
    if not any(each.strip() for each in texts):
        raise bad_request("`input` must contain at least one non-empty string.")
    if len(texts) > MAX_INPUTS:
        raise bad_request(f"`input` must hold at most {MAX_INPUTS} strings.")
    if max(map(len, texts)) > MAX_CHARS or sum(map(len, texts)) > MAX_TOTAL_CHARS:
        raise bad_request(f"`input` must be at most {MAX_CHARS} characters a string, {MAX_TOTAL_CHARS} in all.")
    return texts


def _dimensions(asked: dict[str, Any]) -> int | None:
    wanted = asked.get("dimensions")
    if wanted is None or (type(wanted) is int and wanted > 0):
        return wanted
    raise bad_request("`dimensions` must be a positive integer.")


def _answer(found: Vectors, model: str, *, packed: bool) -> dict[str, Any]:
    rows = [_packed(row) if packed else list(row) for row in found.rows]
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)],
        "model": model,
        "usage": {"prompt_tokens": found.tokens, "total_tokens": found.tokens},
    }


def _packed(row: tuple[float, ...]) -> str:
    """As little-endian float32, which the official SDK asks for by itself."""
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()
