"""Keys of OpenClaw that this gateway accepts without acting on them, and why: the one table.

`*` stands for any one key or item. A key not listed here and not in the models is unknown (see keys.py).
Ignoring some keys would allow more than the operator wrote: those refuse the file instead (`REFUSED`).
"""

from __future__ import annotations

from collections.abc import Mapping

from clawfleet.config.path import KeyPath

_LATER = "not used by this gateway yet"
_BOOKKEEPING = ""
_AGENTS = ("agents.defaults", "agents.entries.*")

UNUSED: Mapping[str, str] = {
    # Bookkeeping of other programs: nothing to tell.
    "$schema": _BOOKKEEPING,
    "meta": _BOOKKEEPING,
    "wizard": _BOOKKEEPING,
    # Sections nobody acts on yet.
    "accessGroups": _LATER,
    "acp": _LATER,
    "approvals": _LATER,
    "attachments": "nothing is kept that would have to be swept",
    "audio": _LATER,
    "auth.cooldowns": "the documented times hold",
    "auth.profiles.*.displayName": "profiles go by their ids",
    "bindings.*.acp": _LATER,
    "bindings.*.session.groupScope": _LATER,
    "broadcast": _LATER,
    "browser": _LATER,
    "canvasHost": _LATER,
    "cli": _LATER,
    "cloudWorkers": _LATER,
    "cron": "nothing is scheduled yet",
    "desktop": _LATER,
    "diagnostics.*": _LATER,
    "discovery": _LATER,
    "hooks": "no webhook is served yet",
    "mcp.apps": _LATER,
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
    "security": "this gateway installs nothing; openclaw security audit names all it finds",
    "surfaces": _LATER,
    "talk": _LATER,
    "telemetry": "nothing is sent to anybody",
    "transcripts": "no meetings are joined",
    "tts": _LATER,
    "ui": _LATER,
    "update": "this gateway does not update itself",
    "web": _LATER,
    "worktreeAcceleration": "no worktrees are made",
    "worktreeRoot": "no worktrees are made",
    # gateway
    "gateway.channelHealthCheckMinutes": _LATER,
    "gateway.cliAgents": _LATER,
    "gateway.controlUi.allowInsecureAuth": "the page always shows a device; it can over plain HTTP too",
    "gateway.controlUi.dangerouslyDisableDeviceAuth": "the page always shows a device; it can over plain HTTP too",
    **{
        f"gateway.controlUi.{key}": _LATER
        for key in (
            *("allowExternalEmbedUrls", "automaticallyFetchFavicons", "communityInvite", "embedSandbox", "environment"),
            *("experimental", "github", "sessionObserver"),
        )
    },
    "gateway.http.endpoints.embeddings": _LATER,
    "gateway.http.endpoints.chatCompletions.images": _LATER,
    "gateway.http.endpoints.chatCompletions.maxBodyBytes": "the built-in limit applies",
    "gateway.http.endpoints.responses": "this endpoint is not served yet",
    "gateway.http.securityHeaders": "the built-in headers are sent",
    **{
        f"gateway.nodes.{key}": "nodes run nothing yet"
        for key in ("allowCommands", "allowSkills", "browser", "commands", "denyCommands", "pluginTools")
    },
    "gateway.nodes.pairing.sshVerify": "nodes are approved by people, or by autoApproveCidrs",
    "gateway.portals": _LATER,
    "gateway.publicOrigin": _LATER,
    "gateway.push": _LATER,
    "gateway.remote.edgeAuth": _LATER,
    **{
        f"gateway.remote.{key}": "only addresses that can be dialled directly are used"
        for key in ("remotePort", "sshHostKeyPolicy", "sshIdentity", "sshTarget", "transport")
    },
    "gateway.tailscale.preserveFunnel": "routes of others are left alone anyway",
    "gateway.tailscale.resetOnExit": "the route ends with the gateway anyway",
    "gateway.tailscale.serviceName": "only the machine's own name is served; see tailscale serve --service",
    "gateway.terminal": "no terminal is served",
    "gateway.tools": "no tools are served over HTTP yet",
    "gateway.webchat": _LATER,
    # agents
    "agents.ownership": _BOOKKEEPING,
    "agents.defaults.identity": "each agent has its own: agents.entries.<id>.identity",
    **{
        f"{place}.{key}": reason
        for place in _AGENTS
        for key, reason in {
            "agentDir": _LATER,
            "agentRuntime": _LATER,
            "blockStreamingBreak": _LATER,
            "blockStreamingChunk": _LATER,
            "blockStreamingCoalesce": _LATER,
            "blockStreamingDefault": _LATER,
            "cliBackends": _LATER,
            "contextLimits": _LATER,
            "contextPruning": _LATER,
            "cwd": "commands begin in the workspace",
            "decisionModel": _LATER,
            "embeddedAgent": _LATER,
            "embeddedPi": _LATER,
            "envelopeTimezone": _LATER,
            "experimental": _LATER,
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
            "toolProgressDetail": _LATER,
            "typingIntervalSeconds": _LATER,
            "typingMode": _LATER,
            "userTimezone": _LATER,
            "utilityModel": _LATER,
            "videoGenerationModel": _LATER,
            "sandbox.backend": "sandboxes run in Docker",
            "sandbox.browser": _LATER,
            "sandbox.ssh": "sandboxes run in Docker",
        }.items()
    },
    **{
        f"{place}.models.*.{key}": _LATER for place in _AGENTS for key in ("agentRuntime", "codeMode", "pickerRuntimes")
    },
    **{f"{place}.models.*.streaming": "every answer is streamed" for place in _AGENTS},
    **{
        f"agents.defaults.{key}": reason
        for key, reason in {
            "authInheritance": _BOOKKEEPING,
            "imageModel.timeoutMs": _LATER,
            "imageQuality": _LATER,
            "pdfMaxMb": _LATER,
            "pdfMaxPages": _LATER,
            "sessionStore": "sessions are kept in the state directory",
            "silentReply": _LATER,
            "skipOptionalBootstrapFiles": _LATER,
            "startupContext": _LATER,
            "systemAgent": _LATER,
            "voiceModel": _LATER,
        }.items()
    },
    **{f"agents.entries.*.{key}": _LATER for key in ("description", "memory", "skillsLimits", "tts")},
    **{f"agents.entries.*.tools.{key}": _LATER for key in ("codeMode", "github", "message", "swarm")},
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
            *("autoTopicLabel", "contextVisibility", "heartbeatVisibility", "joinIntro", "mentionPatterns"),
            *("configWrites", "customCommands", "defaultAccount", "defaultTo", "dmHistoryLimit", "dms", "draftChunk"),
            *("enrichGroupPolicy", "errorPolicy", "execApprovals", "healthMonitor", "heartbeat", "historyLimit"),
            *("linkPreview", "markdown", "mediaMaxMb", "name", "network", "pollingStallThresholdMs", "proxy"),
            *("reactionLevel", "reactionNotifications", "replyToMode", "responsePrefix", "retry", "richMessages"),
            *(
                "silentErrorReplies",
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
    **{
        f"channels.telegram.groups.*.{key}": _LATER
        for key in ("disableAudioPreflight", "errorPolicy", "groupPolicy", "ingest", "skills", "systemPrompt", "topics")
    },
    # tools
    "tools.codeMode": _LATER,
    "tools.experimental": _LATER,
    "tools.github": _LATER,
    "tools.links": _LATER,
    "tools.media": _LATER,
    "tools.message": _LATER,
    "tools.sessions_spawn": "subagents get no attachments yet",
    "tools.swarm": _LATER,
    "tools.toolSearch": _LATER,
    "tools.web.x_search": _LATER,
    **{f"tools.web.fetch.{key}": _LATER for key in ("firecrawl", "provider", "useTrustedEnvProxy")},
    **{
        f"tools.web.search.{key}": "web_search asks Brave"
        for key in ("brave", "cacheMaxEntries", "gemini", "grok", "kimi", "openaiCodex", "perplexity")
    },
    **{
        f"{place}.exec.{key}": _LATER
        for place in ("tools", "agents.entries.*.tools")
        for key in (
            *("approvalRunningNoticeMs", "commandHighlighting", "grantExpiryDays", "node", "reviewer", "safeBins"),
            *("safeBinProfiles", "safeBinTrustedDirs"),
        )
    },
    **{
        f"skills.{key}": reason
        for key, reason in {
            "allowBundled": "no skills are bundled",
            "entries.*.apiKey": _LATER,
            "entries.*.config": _LATER,
            "entries.*.env": _LATER,
            "install": "nothing is installed for skills",
            "limits": "the built-in limits apply",
            "load.allowSymlinkTargets": _LATER,
            "load.watch": "skills are read anew for each turn",
            "workshop": _LATER,
        }.items()
    },
    # session, logging, env, commands
    **{
        f"session.{key}": _LATER
        for key in (
            *("agentToAgent", "groupScope", "idleMinutes", "identityLinks", "mainKey", "maintenance", "notifyOnCreate"),
            *(
                "parentForkMaxTokens",
                "reset",
                "sharing",
                "resetByChannel",
                "resetByType",
                "resetTriggers",
                "scope",
                "sendPolicy",
                "sharedSecret",
                "store",
            ),
            *("threadBindings", "typingIntervalSeconds", "typingMode", "writeLock"),
        )
    },
    "logging.audit": "there is no ledger of events beside the log",
    "logging.redactSensitive": "secrets are always redacted",
    **{
        f"commands.{key}": _LATER
        for key in (
            *("allowFrom", "bash", "bashForegroundMs", "config", "debug", "mcp", "native", "nativeSkills"),
            *("ownerDisplay", "ownerDisplaySecret", "plugins", "restart", "text", "useAccessGroups"),
        )
    },
}

_NOT_YET = "not supported yet, and ignoring it would"

REFUSED: Mapping[str, str] = {
    "channels.telegram.direct": f"{_NOT_YET} give these people more than it says",
    "gateway.auth.trustedProxy.cloudflareAccessOidc": f"{_NOT_YET} trust requests unverified",
    "gateway.roles": f"{_NOT_YET} let every operator do everything",
    "proxy": f"{_NOT_YET} go past the proxy; for model calls there is models.providers.<id>.request.proxy",
    "secrets.egressProxy": f"{_NOT_YET} let secrets reach hosts that it does not name",
    **{
        f"{place}.exec.strictInlineEval": f"{_NOT_YET} run what it forbids"
        for place in ("tools", "agents.entries.*.tools")
    },
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
