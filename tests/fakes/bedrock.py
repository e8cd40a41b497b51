"""A stand-in for Amazon Bedrock's control plane that believes only what is signed: AWS Signature Version 4.

The signature is computed anew from the published algorithm, not by the library that made it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qsl, quote

from aiohttp import web

KEY_ID, SECRET, REGION = "AKIDEXAMPLE", "example-secret-for-tests", "eu-west-3"
MODELS: list[dict[str, Any]] = [
    {
        "modelId": "anthropic.claude-x-v1:0", "modelName": "Claude X", "providerName": "Anthropic",
        "inputModalities": ["TEXT", "IMAGE"], "outputModalities": ["TEXT"], "responseStreamingSupported": True,
        "inferenceTypesSupported": ["INFERENCE_PROFILE"], "modelLifecycle": {"status": "ACTIVE"},
        "modelArn": f"arn:aws:bedrock:{REGION}::foundation-model/anthropic.claude-x-v1:0",
    },
    {
        "modelId": "amazon.nova-y-v1:0", "modelName": "Nova Y", "providerName": "Amazon",
        "inputModalities": ["TEXT"], "outputModalities": ["TEXT"], "responseStreamingSupported": True,
        "inferenceTypesSupported": ["ON_DEMAND"], "modelLifecycle": {"status": "ACTIVE"},
        "modelArn": f"arn:aws:bedrock:{REGION}::foundation-model/amazon.nova-y-v1:0",
    },
    {
        "modelId": "amazon.old-v1", "modelName": "Old", "providerName": "Amazon", "inputModalities": ["TEXT"],
        "outputModalities": ["TEXT"], "responseStreamingSupported": True, "inferenceTypesSupported": ["ON_DEMAND"],
        "modelLifecycle": {"status": "LEGACY"}, "modelArn": "arn:aws:bedrock:x::foundation-model/amazon.old-v1",
    },
]  # fmt: skip
PROFILES: list[dict[str, Any]] = [
    {
        "inferenceProfileId": "eu.anthropic.claude-x-v1:0", "inferenceProfileName": "EU Claude X", "status": "ACTIVE",
        "type": "SYSTEM_DEFINED", "inferenceProfileArn": f"arn:aws:bedrock:{REGION}:1:inference-profile/eu.claude-x",
        "models": [{"modelArn": MODELS[0]["modelArn"]}],
    }
]  # fmt: skip
_AUTH = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<scope>\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request)"
    r", SignedHeaders=(?P<names>[^,]+), Signature=(?P<signature>[0-9a-f]{64})"
)


def refusal_of(request: web.Request, body: bytes) -> str | None:
    """Why a request is not believed; None for one that is signed by the one who has the secret."""
    shown = _AUTH.fullmatch(request.headers.get("Authorization", ""))
    if shown is None:
        return "Missing Authentication Token"
    if shown["id"] != KEY_ID:
        return "The security token included in the request is invalid."
    if (shown["region"], shown["service"]) != (REGION, "bedrock"):
        return "Credential should be scoped to a valid region."
    names = shown["names"].split(";")
    headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in names)
    query = "&".join(
        f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}"
        for key, value in sorted(parse_qsl(request.query_string, keep_blank_values=True))
    )
    canonical = "\n".join(
        (request.method, quote(request.rel_url.raw_path, safe="/-_.~"), query, headers, shown["names"], _hash(body))
    )
    text = "\n".join(("AWS4-HMAC-SHA256", request.headers["X-Amz-Date"], shown["scope"], _hash(canonical.encode())))
    key = f"AWS4{SECRET}".encode()
    for part in (*shown["scope"].split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(key.hex(), shown["signature"]):
        return "The request signature we calculated does not match the signature you provided."
    return None


def make_app() -> web.Application:
    """A fresh stand-in."""

    async def answer(request: web.Request) -> web.Response:
        if why := refusal_of(request, await request.read()):
            kind = {"x-amzn-ErrorType": "UnrecognizedClientException"}
            return web.json_response({"message": why}, status=403, headers=kind)
        if request.path == "/foundation-models":
            return web.json_response({"modelSummaries": MODELS})
        return web.json_response({"inferenceProfileSummaries": PROFILES})

    app = web.Application()
    app.add_routes([web.get("/foundation-models", answer), web.get("/inference-profiles", answer)])
    return app


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
