"""Configs and the tools that are left of them: every row of tools-and-sessions §1.5, every rule of §1.1 to §1.4.

The judge is `test_tool_policy.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clawfleet.core.requester import Requester
from clawfleet.tools.catalogue import GROUPS_DENIED
from clawfleet.tools.subject import PLAIN, Occasion

NOT_OBSERVED = frozenset({
    *("code_execution", "x_search", "view_image", "image_generate", "music_generate", "video_generate", "tts", "pdf"),
})  # fmt: skip
"""What the observed gateway had not: its model read no images, and it had no keys for the rest."""
MCP = ("docs__delete_page", "docs__read_page")
PRESENT = tuple(sorted((*(name for name in GROUPS_DENIED["group:openclaw"] if name not in NOT_OBSERVED), *MCP)))

FS = ("apply_patch", "edit", "ls", "read", "write")
RUNTIME = ("exec", "process", "secrets")
WEB = ("web_fetch", "web_search")
MEMORY = ("memory_get", "memory_search")
OF_SESSIONS = (
    *("sessions", "sessions_history", "sessions_list", "sessions_search", "sessions_send", "sessions_spawn"),
    "sessions_yield",
)
CONVERSATIONS = ("conversations_list", "conversations_send", "conversations_turn")
MINIMAL = ("gateway", "session_status")
MESSAGING = (
    *("ask_user", *CONVERSATIONS, "gateway", "intent", "message", "secrets", "session_status", *OF_SESSIONS),
    *("subagents", "theme", *MCP),
)
CODING = (
    *("agents_wait", "apply_patch", "ask_user", "automations", *CONVERSATIONS, "create_goal", "dashboard", "edit"),
    *("exec", "gateway", "get_goal", "github_identity_status", "intent", "ls", "memory_get", "memory_search"),
    *("plugins", "portal", "process", "progress_card", "read", "secrets", "session_status", *OF_SESSIONS),
    *("skill_workshop", "subagents", "terminal", "theme", "update_goal", "web_fetch", "web_search", "write", *MCP),
)
IN_SANDBOX = (
    *("exec", "process", *FS, *(name for name in OF_SESSIONS if name != "sessions"), "subagents", "session_status"),
)
ALL = PRESENT


def without(names: Sequence[str], *gone: str) -> tuple[str, ...]:
    return tuple(name for name in names if name not in gone)


@dataclass(frozen=True)
class Case:
    """`by` names, for some of the tools that are gone, the key that took them."""

    name: str
    tools: Mapping[str, Any]
    expected: Sequence[str]
    by: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Any] | None = None
    sandbox: Mapping[str, Any] | None = None
    channels: Mapping[str, Any] | None = None
    session: str = "agent:coder:main"
    occasion: Occasion = PLAIN

    @property
    def config(self) -> dict[str, Any]:
        coder: dict[str, Any] = {} if self.own is None else {"tools": dict(self.own)}
        agents: dict[str, Any] = {"entries": {"main": {}, "coder": coder}}
        if self.sandbox is not None:
            agents["defaults"] = {"sandbox": dict(self.sandbox)}
        config: dict[str, Any] = {"tools": dict(self.tools), "agents": agents}
        return config if self.channels is None else {**config, "channels": dict(self.channels)}


OWN = "agents.entries.coder.tools"
MODEL = Occasion(model="fake/fake-1")
ALICE = Requester(
    "telegram", chat_type="direct", chat_id="42", sender_id="42", name="Alice Smith", username="alice", e164="+15550100"
)
BY_ALICE = Occasion(requester=ALICE)
GROUP = "agent:coder:telegram:group:-100"
CHILD = "agent:coder:subagent:7d1e"


def telegram(groups: Mapping[str, Any]) -> dict[str, Any]:
    return {"telegram": {"groups": dict(groups)}}


OBSERVED = (  # §1.5, row by row
    Case(
        "the trap: full profile, runtime allowed", {"profile": "full", "allow": ["group:runtime"]}, RUNTIME,
        {"message": "tools.allow", "read": "tools.allow", "sessions_send": "tools.allow"},
    ),
    Case("write brings apply_patch", {"allow": ["write"]}, ("apply_patch", "write"), {"edit": "tools.allow"}),
    Case("case and globs", {"allow": ["EXEC", "Session*"]}, ("exec", "session_status", *OF_SESSIONS)),
    Case("bash is exec", {"allow": ["bash"]}, ("exec",), {"process": "tools.allow"}),
    Case("cron is automations", {"allow": ["cron"]}, ("automations",), {"gateway": "tools.allow"}),
    Case(
        "messaging and files", {"profile": "messaging", "alsoAllow": ["group:fs"]}, (*MESSAGING, *FS),
        {"exec": "tools.profile", "web_fetch": "tools.profile"},
    ),
    Case(
        "minimal for one provider", {"profile": "coding", "byProvider": {"fake": {"profile": "minimal"}}}, MINIMAL,
        {"exec": "tools.byProvider.fake.profile", "message": "tools.profile"}, occasion=MODEL,
    ),
    Case(
        "a list for one model",
        {"profile": "coding", "byProvider": {"fake/fake-1": {"allow": ["group:fs", "sessions_list"]}}},
        (*FS, "sessions_list"), {"exec": "tools.byProvider.fake/fake-1.allow"}, occasion=MODEL,
    ),
    Case("aliases of today and yesterday", {"allow": ["image", "update_plan", "exec"]}, ("exec", "progress_card")),
)  # fmt: skip

PROFILES = (
    Case("nothing is said", {}, ALL),
    Case("full", {"profile": "full"}, ALL),
    Case("minimal", {"profile": "minimal"}, MINIMAL, {"exec": "tools.profile", MCP[0]: "tools.profile"}),
    Case("coding", {"profile": "coding"}, CODING, {"message": "tools.profile", "nodes": "tools.profile"}),
    Case("messaging", {"profile": "messaging"}, MESSAGING, {"exec": "tools.profile", "read": "tools.profile"}),
    Case("an agent's profile replaces it", {"profile": "messaging"}, MINIMAL, {"message": f"{OWN}.profile"},
         own={"profile": "minimal"}),
    Case("also towards more", {"profile": "minimal"}, ALL, own={"profile": "full"}),
    Case("an agent without a profile has the gateway's", {"profile": "minimal"}, MINIMAL, {"exec": "tools.profile"},
         own={"deny": ["nodes"]}),
    Case("alsoAllow adds one", {"profile": "minimal", "alsoAllow": ["exec"]}, (*MINIMAL, "exec")),
    Case("alsoAllow adds a pattern", {"profile": "minimal", "alsoAllow": ["web_*"]}, (*MINIMAL, *WEB)),
    Case("alsoAllow takes nothing from full", {"profile": "full", "alsoAllow": ["exec"]}, ALL),
    Case("alsoAllow without a profile takes nothing", {"alsoAllow": ["exec"]}, ALL),
    Case("alsoAllow never overrides a deny", {"profile": "minimal", "alsoAllow": ["exec"], "deny": ["exec"]}, MINIMAL,
         {"exec": "tools.deny"}),
    Case("nor a later allow", {"profile": "minimal", "alsoAllow": ["exec"]}, ("session_status",),
         {"exec": f"{OWN}.allow", "gateway": f"{OWN}.allow"}, own={"allow": ["session_status"]}),
    Case("an agent's alsoAllow replaces the gateway's", {"profile": "minimal", "alsoAllow": ["read"]},
         (*MINIMAL, "exec"), {"read": "tools.profile"}, own={"alsoAllow": ["exec"]}),
    Case("an empty one of the agent too", {"profile": "minimal", "alsoAllow": ["read"]}, MINIMAL,
         {"read": "tools.profile"}, own={"alsoAllow": []}),
    Case("the gateway's holds beside an agent's profile", {"alsoAllow": ["read"]}, (*MINIMAL, "read"),
         {"exec": f"{OWN}.profile"}, own={"profile": "minimal"}),
)  # fmt: skip

LISTS = (
    Case("an empty allow lets all through", {"allow": []}, ALL),
    Case("deny one", {"deny": ["browser"]}, without(ALL, "browser"), {"browser": "tools.deny"}),
    Case("deny beats allow", {"allow": ["read", "exec"], "deny": ["exec"]}, ("read",), {"exec": "tools.deny"}),
    Case("deny everything is legal", {"deny": ["*"]}, (), {"exec": "tools.deny", "read": "tools.deny"}),
    Case("allow everything", {"allow": ["*"]}, ALL),
    Case("deny of write keeps apply_patch", {"deny": ["write"], "allow": ["group:fs"]}, without(FS, "write"),
         {"write": "tools.deny", "exec": "tools.allow"}),
    Case("deny of both does not", {"deny": ["write", "apply_patch"], "allow": ["group:fs"]}, ("edit", "ls", "read"),
         {"apply_patch": "tools.deny"}),
    Case("allow write, deny apply_patch", {"allow": ["write"], "deny": ["apply_patch"]}, ("write",),
         {"apply_patch": "tools.deny"}),
    Case("a pattern that matches write brings apply_patch", {"allow": ["wri*"]}, ("apply_patch", "write")),
    Case("apply_patch alone brings nothing", {"allow": ["apply_patch"]}, ("apply_patch",), {"write": "tools.allow"}),
    Case("edit alone brings nothing", {"allow": ["edit"]}, ("edit",), {"apply_patch": "tools.allow"}),
    Case("spaces are trimmed", {"allow": [" Read "]}, ("read",)),
    Case("capitals in deny", {"deny": ["EXEC"]}, without(ALL, "exec"), {"exec": "tools.deny"}),
    Case("a glob in the middle", {"allow": ["s*s_list"]}, ("sessions_list",)),
    Case("a glob at the end", {"allow": ["memory_*"]}, MEMORY),
    Case("a glob in front", {"allow": ["*_goal"]}, ("create_goal", "get_goal", "update_goal")),
    Case("a glob in deny", {"deny": ["sessions_*"]}, without(ALL, *without(OF_SESSIONS, "sessions")),
         {"sessions_send": "tools.deny"}),
    Case("apply-patch is apply_patch", {"allow": ["apply-patch"]}, ("apply_patch",)),
    Case("automations by its own name", {"allow": ["automations"]}, ("automations",)),
    Case("progress_card by its own name", {"allow": ["progress_card"]}, ("progress_card",)),
    Case("aliases in deny", {"deny": ["bash", "cron", "update_plan"]}, without(ALL, "exec", "automations",
         "progress_card"), {"automations": "tools.deny", "exec": "tools.deny"}),
    Case("an unknown name beside a known one", {"allow": ["query_db", "read"]}, ("read",)),
    Case("an unknown group is a name", {"allow": ["group:nonsense", "read"]}, ("read",)),
    Case("nothing but unknown names", {"allow": ["query_db"]}, (), {"read": "tools.allow"}),
    Case("a profile and a list meet", {"profile": "coding", "allow": ["message", "read"]}, ("read",),
         {"message": "tools.profile", "exec": "tools.allow"}),
    Case("they may have nothing in common", {"profile": "minimal", "allow": ["exec"]}, (),
         {"exec": "tools.profile", "gateway": "tools.allow"}),
)  # fmt: skip

GROUPS = (
    Case("group:runtime", {"allow": ["group:runtime"]}, RUNTIME),
    Case("group:fs", {"allow": ["group:fs"]}, FS),
    Case("group:web", {"allow": ["group:web"]}, WEB),
    Case("group:memory", {"allow": ["group:memory"]}, MEMORY),
    Case("group:messaging", {"allow": ["group:messaging"]}, ("message",)),
    Case("group:sessions", {"allow": ["group:sessions"]}, (*OF_SESSIONS, *CONVERSATIONS, "session_status", "subagents",
         "agents_wait", "suggest_task", "dismiss_task", "github_identity_status")),
    Case("group:ui", {"allow": ["group:ui"]}, ("browser", "canvas", "screen", "theme", "dashboard", "terminal",
         "portal", "show_widget")),
    Case("group:automation", {"allow": ["group:automation"]}, ("heartbeat_respond", "automations", "gateway", "plugins",
         "openclaw")),
    Case("group:nodes", {"allow": ["group:nodes"]}, ("nodes", "computer", "mobile_ui")),
    Case("group:agents", {"allow": ["group:agents"]}, ("agents_list", "get_goal", "create_goal", "update_goal",
         "progress_card", "ask_user", "skill_workshop")),
    Case("group:media, none of it here", {"allow": ["group:media", "read"]}, ("read",)),
    Case("group:plugins is what MCP servers bring", {"allow": ["group:plugins"]}, MCP),
    Case("bundle-mcp is the same", {"allow": ["bundle-mcp"]}, MCP),
    Case("one MCP server by its prefix", {"allow": ["docs__*"], "deny": ["docs__delete_*"]}, ("docs__read_page",),
         {"docs__delete_page": "tools.deny"}),
    Case("group:openclaw hands out no files and no commands", {"allow": ["group:openclaw"]},
         without(ALL, *FS, "exec", "process", "canvas", *MCP), {"exec": "tools.allow", "canvas": "tools.allow"}),
    Case("denied it takes every built-in tool", {"deny": ["group:openclaw"]}, MCP, {"exec": "tools.deny"}),
    Case("a group denied", {"deny": ["group:fs"]}, without(ALL, *FS), {"apply_patch": "tools.deny"}),
    Case("a group in capitals", {"deny": ["GROUP:FS"]}, without(ALL, *FS), {"read": "tools.deny"}),
    Case("a group denied, a member allowed", {"allow": ["read"], "deny": ["group:fs"]}, (), {"read": "tools.deny"}),
)  # fmt: skip

AGENTS_AND_MODELS = (
    Case("an agent narrows further", {"allow": ["group:fs"]}, ("read",), {"exec": "tools.allow",
         "write": f"{OWN}.allow"},
         own={"allow": ["read", "exec"]}),
    Case("an agent denies", {}, without(ALL, "exec"), {"exec": f"{OWN}.deny"}, own={"deny": ["exec"]}),
    Case("an agent cannot take back a deny", {"deny": ["read"]}, without(FS, "read"), {"read": "tools.deny"},
         own={"allow": ["group:fs"]}),
    Case("the model before its provider",
         {"byProvider": {"fake": {"deny": ["*"]}, "fake/fake-1": {"deny": ["exec"]}}},
         without(ALL, "exec"), {"exec": "tools.byProvider.fake/fake-1.deny"}, occasion=MODEL),
    Case("its provider for another model",
         {"byProvider": {"fake": {"deny": ["read"]}, "fake/fake-2": {"deny": ["exec"]}}},
         without(ALL, "read"), {"read": "tools.byProvider.fake.deny"}, occasion=MODEL),
    Case("in any case", {"byProvider": {"FAKE/Fake-1": {"deny": ["exec"]}}}, without(ALL, "exec"),
         {"exec": "tools.byProvider.FAKE/Fake-1.deny"}, occasion=MODEL),
    Case("not for another provider", {"byProvider": {"other": {"deny": ["*"]}}}, ALL, occasion=MODEL),
    Case("a model with a dot in its name", {"byProvider": {"fake/gpt-5.4": {"deny": ["exec"]}}}, without(ALL, "exec"),
         {"exec": 'tools.byProvider["fake/gpt-5.4"].deny'}, occasion=Occasion(model="fake/gpt-5.4")),
    Case("alsoAllow beside a provider's profile", {"byProvider": {"fake": {"profile": "minimal",
         "alsoAllow": ["exec"]}}},
         (*MINIMAL, "exec"), {"read": "tools.byProvider.fake.profile"}, occasion=MODEL),
    Case("it adds nothing that the first profile has not",
         {"profile": "minimal", "byProvider": {"fake": {"profile": "minimal", "alsoAllow": ["exec"]}}},
         MINIMAL, {"exec": "tools.profile"}, occasion=MODEL),
    Case("an agent's provider profile replaces the gateway's", {"byProvider": {"fake": {"profile": "minimal"}}},
         MESSAGING, {"read": f"{OWN}.byProvider.fake.profile"}, own={"byProvider": {"fake": {"profile": "messaging"}}},
         occasion=MODEL),
    Case("an agent's provider list is one more", {"byProvider": {"fake": {"allow": ["group:fs"]}}}, ("read",),
         {"exec": "tools.byProvider.fake.allow", "write": f"{OWN}.byProvider.fake.allow"},
         own={"byProvider": {"fake": {"allow": ["read", "exec"]}}}, occasion=MODEL),
)  # fmt: skip

WHO_ASKS = (
    Case("a group's rules", {}, without(ALL, "exec"), {"exec": "channels.telegram.groups.-100.tools.deny"},
         channels=telegram({"-100": {"tools": {"deny": ["exec"]}}}), session=GROUP),
    Case("those for every group", {}, without(ALL, "exec"), {"exec": "channels.telegram.groups.*.tools.deny"},
         channels=telegram({"*": {"tools": {"deny": ["exec"]}}}), session=GROUP),
    Case("its own replace them", {}, without(ALL, "read"), {"read": "channels.telegram.groups.-100.tools.deny"},
         channels=telegram({"*": {"tools": {"deny": ["exec"]}}, "-100": {"tools": {"deny": ["read"]}}}), session=GROUP),
    Case("a topic belongs to its group", {}, ("read",), {"exec": "channels.telegram.groups.-100.tools.allow"},
         channels=telegram({"-100": {"tools": {"allow": ["read"]}}}), session=f"{GROUP}:topic:7"),
    Case("not another group", {}, ALL, channels=telegram({"-200": {"tools": {"deny": ["*"]}}}), session=GROUP),
    Case("not a direct chat", {}, ALL, channels=telegram({"*": {"tools": {"deny": ["*"]}}}), occasion=BY_ALICE),
    Case("one sender of a group instead of the group", {}, without(ALL, "read"),
         {"read": 'channels.telegram.groups.-100.toolsBySender.id:42.deny'},
         channels=telegram({"-100": {"tools": {"deny": ["*"]}, "toolsBySender": {"id:42": {"deny": ["read"]}}}}),
         session=GROUP, occasion=BY_ALICE),
    Case("a sender by channel and id", {"toolsBySender": {"channel:telegram:42": {"deny": ["exec"]}, "*":
         {"deny": ["*"]}}},
         without(ALL, "exec"), {"exec": "tools.toolsBySender.channel:telegram:42.deny"}, occasion=BY_ALICE),
    Case("that before the id", {"toolsBySender": {"id:42": {"deny": ["*"]}, "channel:telegram:42": {"deny": ["exec"]}}},
         without(ALL, "exec"), occasion=BY_ALICE),
    Case("a number", {"toolsBySender": {"e164:+15550100": {"allow": ["read"]}}}, ("read",),
         {"exec": "tools.toolsBySender.e164:+15550100.allow"}, occasion=BY_ALICE),
    Case("a user name, with or without @", {"toolsBySender": {"username:@Alice": {"allow": ["read"]}}}, ("read",),
         occasion=BY_ALICE),
    Case("a display name", {"toolsBySender": {"name:alice smith": {"allow": ["read"]}}}, ("read",),
         {"exec": 'tools.toolsBySender["name:alice smith"].allow'}, occasion=BY_ALICE),
    Case("a bare key is an id", {"toolsBySender": {"42": {"allow": ["read"]}}}, ("read",), occasion=BY_ALICE),
    Case("everybody else", {"toolsBySender": {"id:7": {"deny": []}, "*": {"deny": ["exec", "process"]}}},
         without(ALL, "exec", "process"), {"exec": "tools.toolsBySender.*.deny"}, occasion=BY_ALICE),
    Case("an agent's rule replaces it, even an empty one", {"toolsBySender": {"*": {"deny": ["*"]}}}, ALL,
         own={"toolsBySender": {"id:42": {}}}, occasion=BY_ALICE),
    Case("both a group's and a sender's", {"toolsBySender": {"*": {"deny": ["read"]}}}, without(ALL, "read", "exec"),
         {"exec": "channels.telegram.groups.*.tools.deny", "read": "tools.toolsBySender.*.deny"},
         channels=telegram({"*": {"tools": {"deny": ["exec"]}}}), session=GROUP, occasion=BY_ALICE),
)  # fmt: skip

BOXED = {"mode": "all"}
SANDBOX_KEY = "tools.sandbox.tools"
SANDBOXED = (
    Case("what works in a sandbox", {}, IN_SANDBOX, {"browser": f"{SANDBOX_KEY}.deny",
         "message": f"{SANDBOX_KEY}.allow"},
         sandbox=BOXED),
    Case("only sandboxed sessions", {"sandbox": {"tools": {"allow": ["read"]}}}, ALL, sandbox={"mode": "non-main"}),
    Case("the others under non-main", {}, IN_SANDBOX, sandbox={"mode": "non-main"}, session="agent:coder:notes"),
    Case("alsoAllow adds to it", {"sandbox": {"tools": {"alsoAllow": ["web_fetch"]}}}, (*IN_SANDBOX, "web_fetch"),
         {"web_search": f"{SANDBOX_KEY}.allow"}, sandbox=BOXED),
    Case("an allow replaces it", {"sandbox": {"tools": {"allow": ["read", "message"]}}}, ("message", "read"),
         {"exec": f"{SANDBOX_KEY}.allow"}, sandbox=BOXED),
    Case("an empty allow is all that is not denied", {"sandbox": {"tools": {"allow": []}}},
         without(ALL, "browser", "canvas", "computer", "mobile_ui", "nodes", "automations", "gateway"),
         {"browser": f"{SANDBOX_KEY}.deny"}, sandbox=BOXED),
    Case("naming lifts a deny of ours", {"sandbox": {"tools": {"alsoAllow": ["browser", "cron"]}}},
         (*IN_SANDBOX, "automations", "browser"), {"canvas": f"{SANDBOX_KEY}.deny"}, sandbox=BOXED),
    Case("not one of the operator's", {"sandbox": {"tools": {"alsoAllow": ["browser"], "deny": ["browser"]}}},
         IN_SANDBOX,
         {"browser": f"{SANDBOX_KEY}.deny"}, sandbox=BOXED),
    Case("an own deny replaces ours", {"sandbox": {"tools": {"allow": [], "deny": ["exec"]}}}, without(ALL, "exec"),
         {"exec": f"{SANDBOX_KEY}.deny"}, sandbox=BOXED),
    Case("an agent's list replaces the gateway's", {"sandbox": {"tools": {"allow": ["read"]}}}, ("exec",),
         {"read": f"{OWN}.sandbox.tools.allow"}, own={"sandbox": {"tools": {"allow": ["exec"]}}}, sandbox=BOXED),
    Case("list by list", {"sandbox": {"tools": {"deny": ["exec"]}}}, ("read",), {"exec": f"{SANDBOX_KEY}.deny"},
         own={"sandbox": {"tools": {"allow": ["read", "exec"]}}}, sandbox=BOXED),
    Case("MCP tools ask for bundle-mcp", {"sandbox": {"tools": {"alsoAllow": ["bundle-mcp"]}}}, (*IN_SANDBOX, *MCP),
         sandbox=BOXED),
    Case("it adds nothing to a profile", {"profile": "messaging", "sandbox": {"tools": {"alsoAllow": ["web_fetch"]}}},
         without([name for name in MESSAGING if name in IN_SANDBOX]), {"web_fetch": "tools.profile"}, sandbox=BOXED),
    Case("a workspace that is read only", {}, without(IN_SANDBOX, "write", "edit", "apply_patch"),
         {"write": "agents.defaults.sandbox.workspaceAccess"}, sandbox={"mode": "all", "workspaceAccess": "ro"}),
)  # fmt: skip

NOT_FOR_CHILDREN = ("gateway", "agents_list", "openclaw", "session_status", "progress_card", "automations", "message",
                    "sessions_send", *CONVERSATIONS)  # fmt: skip
NOT_FOR_LEAVES = ("subagents", "sessions_list", "sessions_history", "sessions_search", "sessions_spawn")
CHILDREN_AND_RUNS = (
    Case("a subagent", {}, without(ALL, *NOT_FOR_CHILDREN, *NOT_FOR_LEAVES), {"message": "built in",
         "subagents": "built in"},
         session=CHILD),
    Case("one that may have its own", {}, without(ALL, *NOT_FOR_CHILDREN), {"message": "built in"}, session=CHILD,
         occasion=Occasion(max_depth=2)),
    Case("as its record says", {}, without(ALL, *NOT_FOR_CHILDREN, *NOT_FOR_LEAVES), session="agent:coder:notes",
         occasion=Occasion(depth=1)),
    Case("narrowed further", {"subagents": {"tools": {"allow": ["read", "exec"]}}}, ("exec", "read"),
         {"write": "tools.subagents.tools.allow", "message": "built in"}, session=CHILD),
    Case("denied further", {"subagents": {"tools": {"deny": ["group:runtime"]}}},
         without(ALL, *NOT_FOR_CHILDREN, *NOT_FOR_LEAVES, *RUNTIME), {"exec": "tools.subagents.tools.deny"},
         session=CHILD),
    Case("never widened", {"profile": "minimal", "subagents": {"tools": {"allow": ["exec"]}}}, (),
         {"exec": "tools.profile", "gateway": "built in"}, session=CHILD),
    Case("not for a person's session", {"subagents": {"tools": {"allow": ["read"]}}}, ALL),
    Case("one run's own list", {}, ("read",), {"exec": "toolsAllow of this run"}, occasion=Occasion(caps=("read",))),
    Case("it only narrows", {"deny": ["read"]}, ("exec",), {"read": "tools.deny"},
         occasion=Occasion(caps=("read", "exec"))),
    Case("an empty one leaves nothing", {}, (), {"exec": "toolsAllow of this run"}, occasion=Occasion(caps=())),
    Case("patterns and groups in it", {}, (*FS, *MCP), occasion=Occasion(caps=("group:fs", "docs*"))),
)  # fmt: skip

CASES: tuple[Case, ...] = (
    *OBSERVED, *PROFILES, *LISTS, *GROUPS, *AGENTS_AND_MODELS, *WHO_ASKS, *SANDBOXED, *CHILDREN_AND_RUNS,
)  # fmt: skip
