"""Keys of OpenClaw that this gateway accepts without acting on them, and why: the one table.

`*` stands for any one key or item. A key not listed here and not in the models is unknown (see keys.py).
Ignoring some keys would allow more than the operator wrote: those refuse the file instead (`REFUSED`).
"""

from __future__ import annotations

from collections.abc import Mapping

from clawfleet.config.path import KeyPath

_LATER = "not used by this gateway yet"
_BOOKKEEPING = ""

UNUSED: Mapping[str, str] = {
    # Bookkeeping of other programs: nothing to tell.
    "$schema": _BOOKKEEPING,
    "meta": _BOOKKEEPING,
    "wizard": _BOOKKEEPING,
    # Sections nobody acts on yet.
    "accessGroups": _LATER,
    "acp": _LATER,
    "approvals": _LATER,
    "audio": _LATER,
    "auth.cooldowns": "the documented times hold",
    "auth.profiles.*.displayName": "profiles go by their ids",
    "bindings.*.acp": _LATER,
    "bindings.*.session.groupScope": _LATER,
    "broadcast": _LATER,
    "browser": _LATER,
    "canvasHost": _LATER,
    "cli": _LATER,
    "cron": "nothing is scheduled yet",
    "diagnostics.*": _LATER,
    "discovery": _LATER,
    "hooks": "no webhook is served yet",
    "mcp.sessionIdleTtlMs": "connections are the gateway's and stay",
    "mcp.servers.*.auth": "nobody can sign in to MCP servers yet; send a token in headers",
    "mcp.servers.*.oauth": "nobody can sign in to MCP servers yet; send a token in headers",
    "mcp.servers.*.codex": "no Codex is run",
    "media": _LATER,
    "agents.entries.*.memorySearch": _LATER,
    "agents.defaults.memorySearch.*": _LATER,
    "agents.defaults.memorySearch.remote.*": _LATER,
    "memory.*": _LATER,
    "memory.search.*": _LATER,
    "memory.search.remote.*": _LATER,
    "messages": _LATER,
    "nodeHost": _LATER,
    "plugins": "this gateway runs no OpenClaw plugins",
    "talk": _LATER,
    "ui": _LATER,
    "update": "this gateway does not update itself",
    "web": _LATER,
    # gateway
    "gateway.channelHealthCheckMinutes": _LATER,
    "gateway.controlUi.root": "the built-in page is served",
    "gateway.controlUi.allowInsecureAuth": "the page always shows a device; it can over plain HTTP too",
    "gateway.controlUi.dangerouslyDisableDeviceAuth": "the page always shows a device; it can over plain HTTP too",
    "gateway.controlUi.embedSandbox": _LATER,
    "gateway.http.endpoints.embeddings": _LATER,
    "gateway.http.endpoints.chatCompletions.images": _LATER,
    "gateway.http.endpoints.chatCompletions.maxBodyBytes": "the built-in limit applies",
    "gateway.http.endpoints.responses.files": _LATER,
    "gateway.http.endpoints.responses.images": _LATER,
    "gateway.http.endpoints.responses.maxBodyBytes": "the built-in limit applies",
    "gateway.http.securityHeaders": "the built-in headers are sent",
    "gateway.nodes.allowCommands": "nodes run nothing yet",
    "gateway.nodes.browser": "nodes run nothing yet",
    "gateway.nodes.denyCommands": "nodes run nothing yet",
    "gateway.nodes.pairing.sshVerify": "nodes are approved by people, or by autoApproveCidrs",
    "gateway.push": _LATER,
    "gateway.remote.transport": "only addresses that can be dialled directly are used",
    "gateway.remote.sshTarget": "only addresses that can be dialled directly are used",
    "gateway.tailscale.preserveFunnel": "routes of others are left alone anyway",
    "gateway.tailscale.resetOnExit": "the route ends with the gateway anyway",
    "gateway.tailscale.serviceName": "only the machine's own name is served; see tailscale serve --service",
    "gateway.tools": "no tools are served over HTTP yet",
    "gateway.webchat": _LATER,
    # agents
    "agents.ownership": _BOOKKEEPING,
    "agents.defaults.identity": "each agent has its own: agents.entries.<id>.identity",
    **{
        f"{place}.{key}": reason
        for place in ("agents.defaults", "agents.entries.*")
        for key, reason in {
            "agentDir": _LATER,
            "agentRuntime": _LATER,
            "blockStreamingBreak": _LATER,
            "blockStreamingChunk": _LATER,
            "blockStreamingCoalesce": _LATER,
            "blockStreamingDefault": _LATER,
            "cliBackends": _LATER,
            "contextPruning": _LATER,
            "decisionModel": _LATER,
            "embeddedPi": _LATER,
            "envelopeTimezone": _LATER,
            "fastModeDefault": _LATER,
            "groupChat": _LATER,
            "heartbeat": "nothing is scheduled yet",
            "humanDelay": _LATER,
            "imageGenerationModel": _LATER,
            "imageMaxDimensionPx": _LATER,
            "mediaMaxMb": _LATER,
            "mediaModels": _LATER,
            "modelSelectionScope": _LATER,
            "pdfModel": _LATER,
            "promptOverlays": _LATER,
            "repoRoot": _LATER,
            "runtime": _LATER,
            "skipBootstrap": _LATER,
            "subagents.announceTimeoutMs": "results are told until they are taken",
            "subagents.delegationMode": _LATER,
            "thinkingDefault": _LATER,
            "timeFormat": _LATER,
            "typingIntervalSeconds": _LATER,
            "typingMode": _LATER,
            "userTimezone": _LATER,
            "utilityModel": _LATER,
            "videoGenerationModel": _LATER,
            "sandbox.backend": "sandboxes run in Docker",
            "sandbox.browser": _LATER,
        }.items()
    },
    **{
        f"agents.defaults.compaction.{key}": reason
        for key, reason in {
            "customInstructions": "the built-in instructions hold",
            "identifierPolicy": "identifiers are always kept",
            "maxActiveTranscriptBytes": "the model's window decides",
            "memoryFlush": _LATER,
            "midTurnPrecheck": "a turn that grows too long is always shortened",
            "mode": "one way of summing up is built in",
            "notifyUser": _LATER,
            "postCompactionSections": "workspace files are in every prompt",
            "postIndexSync": _LATER,
            "provider": "this gateway runs no OpenClaw plugins",
            "qualityGuard": _LATER,
            "recentTurnsPreserve": "keepRecentTokens decides",
            "reserveTokens": "the built-in reserve applies",
            "reserveTokensFloor": "the built-in reserve applies",
            "thinkingLevel": _LATER,
        }.items()
    },
    "agents.entries.*.compaction": _LATER,
    "models.bedrockDiscovery.enabled": "asked when a scan is made",
    "models.bedrockDiscovery.refreshInterval": "asked when a scan is made",
    "models.catalogRefresh": "no catalog is downloaded",
    "models.pricing": "no prices are downloaded",
    **{
        f"models.providers.*.{key}": reason
        for key, reason in {
            "agentRuntime": _LATER,
            "auth": "the key is sent as the wire wants it",
            "contextTokens": _LATER,
            "injectNumCtxForOpenAICompat": _LATER,
            "localService": "no server is started on demand",
            "region": _LATER,
        }.items()
    },
    **{
        f"models.providers.*.models.*.{key}": reason
        for key, reason in {
            "agentRuntime": _LATER,
            "contextTokens": _LATER,
            "cost": "costs are not counted yet",
            "mediaInput": _LATER,
            "metadataSource": _BOOKKEEPING,
        }.items()
    },
    # channels
    "channels.*": "not a channel of this gateway yet",
    **{
        f"channels.telegram.{key}": _LATER
        for key in (
            *("accounts", "ackReaction", "actions", "blockStreaming", "capabilities", "chunkMode", "commands"),
            *("configWrites", "customCommands", "defaultAccount", "defaultTo", "dmHistoryLimit", "dms", "draftChunk"),
            *("enrichGroupPolicy", "errorPolicy", "execApprovals", "healthMonitor", "heartbeat", "historyLimit"),
            *("linkPreview", "markdown", "mediaMaxMb", "name", "network", "pollingStallThresholdMs", "proxy"),
            *("reactionLevel", "reactionNotifications", "replyToMode", "responsePrefix", "retry", "silentErrorReplies"),
            *(
                "streamMode",
                "streaming",
                "threadBindings",
                "timeoutSeconds",
                "trustedLocalFileRoots",
                "webhookCertPath",
            ),
            *("webhookHost", "webhookPath", "webhookPort", "webhookSecret", "webhookUrl"),
        )
    },
    **{f"channels.telegram.groups.*.{key}": _LATER for key in ("skills", "systemPrompt", "topics", "groupPolicy")},
    # tools
    "tools.codeMode": _LATER,
    "tools.experimental": _LATER,
    "tools.links": _LATER,
    "tools.media": _LATER,
    "tools.message": _LATER,
    "tools.sessions_spawn": "subagents get no attachments yet",
    "tools.toolSearch": _LATER,
    "tools.web.x_search": _LATER,
    **{f"tools.web.fetch.{key}": _LATER for key in ("firecrawl", "provider", "useTrustedEnvProxy")},
    **{
        f"tools.web.search.{key}": "web_search asks Brave"
        for key in ("brave", "cacheMaxEntries", "gemini", "grok", "kimi", "openaiCodex", "perplexity")
    },
    **{
        f"tools.exec.{key}": _LATER
        for key in (
            *(
                "approvalRunningNoticeMs",
                "commandHighlighting",
                "node",
            ),
            *("reviewer", "safeBinProfiles", "safeBinTrustedDirs"),
            "safeBins",
        )
    },
    # session, logging, env, commands
    **{
        f"session.{key}": _LATER
        for key in (
            *("agentToAgent", "idleMinutes", "identityLinks", "mainKey", "maintenance", "parentForkMaxTokens", "reset"),
            *("resetByChannel", "resetByType", "resetTriggers", "scope", "sendPolicy", "sharedSecret", "store"),
            *("threadBindings", "typingIntervalSeconds", "typingMode", "writeLock"),
        )
    },
    "logging.redactSensitive": "secrets are always redacted",
    **{
        f"commands.{key}": _LATER
        for key in (
            *("allowFrom", "bash", "bashForegroundMs", "config", "debug", "mcp", "native", "nativeSkills"),
            *("ownerDisplay", "ownerDisplaySecret", "plugins", "restart", "text", "useAccessGroups"),
        )
    },
}

REFUSED: Mapping[str, str] = {
    "gateway.tls": "not supported yet, and ignoring it would serve in clear text; put a TLS proxy in front",
    "tools.exec.strictInlineEval": "not supported yet, and ignoring it would run what it forbids",
}


def reason_unused(path: KeyPath) -> str | None:
    """Why nobody acts on the key at `path`; empty when there is nothing to tell; None when it is not in the table."""
    return _look_up(UNUSED, path)


def reason_refused(path: KeyPath) -> str | None:
    """Why the key at `path` refuses the file; None when it does not."""
    return _look_up(REFUSED, path)


def siblings(path: KeyPath) -> list[str]:
    """The accepted keys directly below `path`: what a mistyped one may have meant."""
    depth = len(path)
    found = (pattern.split(".") for pattern in (*UNUSED, *REFUSED))
    return [
        keys[depth] for keys in found if len(keys) == depth + 1 and _fits(keys[:depth], path) and keys[depth] != "*"
    ]


def _look_up(table: Mapping[str, str], path: KeyPath) -> str | None:
    exact = ".".join(map(str, path))
    if exact in table:
        return table[exact]
    return next(
        (reason for pattern, reason in table.items() if "*" in pattern and _fits(pattern.split("."), path)), None
    )


def _fits(keys: list[str], path: KeyPath) -> bool:
    return len(keys) == len(path) and all(key in ("*", str(segment)) for key, segment in zip(keys, path, strict=True))
