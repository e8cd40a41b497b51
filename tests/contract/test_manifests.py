"""What `deploy/` holds for Compose, Swarm, Kubernetes and Prometheus, against what others published about it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from clawfleet.config.env import resolve_instance
from clawfleet.config.load import check_text
from clawfleet.core.metrics import DROPPED
from tests.support.images import ROOT
from tests.support.manifests import check_object, compose_schema, documents

pytestmark = pytest.mark.npm

DOCKER, KUBERNETES = ROOT / "deploy" / "docker", ROOT / "deploy" / "kubernetes"
VARIABLES = (
    *("IMAGE", "CONFIG_DIR", "WORKSPACE_DIR", "GATEWAY_PORT", "GATEWAY_BIND", "GATEWAY_TOKEN", "TZ"),
    *("SANDBOX", "DOCKER_SOCKET", "EXTRA_MOUNTS", "HOME_VOLUME", "DISABLE_BONJOUR"),
)


def test_alerts_speak_of_figures_that_there_are() -> None:
    """Every rule has a name, words and an expression over what a gateway tells."""
    rules = documents(ROOT / "deploy/prometheus/alerts.yaml")[0]["groups"][0]["rules"]
    source = "".join(
        (ROOT / "service/clawfleet" / name).read_text(encoding="utf-8")
        for name in ("server/http_metrics.py", "server/run_metrics.py")
    )
    known = {"up", DROPPED}
    for rule in rules:
        assert rule["alert"]
        assert rule["annotations"]["summary"]
        names = re.findall(r"\b(?:openclaw|clawfleet|process)_[a-z_]+\b|\bup\b", rule["expr"])
        assert names
        assert all(name in known or f'"{name}"' in source for name in names), names


@pytest.mark.parametrize("name", ["compose.yaml", "compose.sandbox.yaml"])
def test_compose_files_are_what_the_specification_says(name: str) -> None:
    (document,) = documents(DOCKER / name)
    jsonschema.Draft202012Validator(compose_schema()).validate(document)


def test_the_variables_of_official_deployments_keep_their_names() -> None:
    """In a file of ours somebody finds what the file had that they come from."""
    files = ("compose.yaml", "compose.sandbox.yaml", "compose.sh")
    text = "".join((DOCKER / name).read_text(encoding="utf-8") for name in files)
    assert [name for name in VARIABLES if f"OPENCLAW_{name}" not in text] == []
    (document,) = documents(DOCKER / "compose.yaml")
    gateway, cli = document["services"]["openclaw-gateway"], document["services"]["openclaw-cli"]
    assert (cli["network_mode"], cli["entrypoint"]) == ("service:openclaw-gateway", ["openclaw"])
    assert gateway["ports"] == ["127.0.0.1:${OPENCLAW_GATEWAY_PORT:-18789}:18789"]
    for service in (gateway, cli):
        assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])


def test_compose_sh_says_what_is_missing_before_it_asks_compose(tmp_path: Path) -> None:
    """Nothing to do, no file, no token: each is one sentence and its cure, with the exit code of wrong usage."""
    empty = tmp_path / "ada.env"
    empty.write_text("OPENCLAW_GATEWAY_TOKEN=\n")
    words = {
        (): "needed",
        (str(tmp_path / "no.env"), "up"): "there is no",
        (str(empty), "up"): "OPENCLAW_GATEWAY_TOKEN",
    }
    for arguments, said in words.items():
        line = ["bash", str(DOCKER / "compose.sh"), *arguments]
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=30, check=False, env={"PATH": "/usr/bin:/bin"}
        )
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 2)
        assert said in done.stderr


def test_what_sandboxes_mount_has_to_be_on_the_host() -> None:
    """Compose says so before a gateway starts, and not a gateway when its first sandbox is made."""
    (document,) = documents(DOCKER / "compose.sandbox.yaml")
    volumes = document["services"]["openclaw-gateway"]["volumes"]
    assert [line for line in volumes if line.startswith("${OPENCLAW_CONFIG_DIR:?")]
    assert "${OPENCLAW_WORKSPACE_DIR:?}:${OPENCLAW_WORKSPACE_DIR:?}" in volumes


def test_the_stack_has_what_a_swarm_can_do() -> None:
    """Old before new, back when it fails, secrets and configs by what they hold."""
    (document,) = documents(DOCKER / "stack.yaml")
    for service in document["services"].values():
        update = service["deploy"]["update_config"]
        assert (update["order"], update["failure_action"], service["deploy"]["replicas"]) == (
            "stop-first",
            "rollback",
            1,
        )
        assert service["deploy"]["placement"]["constraints"]
        (secret,) = service["secrets"]
        assert (secret["uid"], secret["mode"]) == ("1000", 0o400)
    for named in (*document["secrets"].values(), *document["configs"].values()):
        assert named["name"].endswith("_SHA}")


def built(folder: Path) -> list[Any]:
    """The overlay as `kubectl apply -k` would send it, with a token in its file."""
    copy = shutil.copytree(KUBERNETES, folder / "kubernetes")
    overlay = copy / "overlays" / "example"
    (overlay / "secrets.env").write_text("OPENCLAW_GATEWAY_TOKEN=t\n", encoding="utf-8")
    done = subprocess.run(["kubectl", "kustomize", str(overlay)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "all.yaml").write_text(done.stdout, encoding="utf-8")
    return documents(folder / "all.yaml")


@pytest.mark.parametrize("name", ["statefulset", "service", "networkpolicy"])
def test_kubernetes_knows_every_key_of_the_base(name: str) -> None:
    for item in documents(KUBERNETES / "base" / f"{name}.yaml"):
        check_object(item)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, whose Kustomize builds the overlay")
def test_an_overlay_is_a_gateway_whose_parts_find_each_other(tmp_path: Path) -> None:
    objects = built(tmp_path)
    for item in objects:
        check_object(item)
    by_kind = {item["kind"]: item for item in objects}
    assert sorted(by_kind) == ["ConfigMap", "Namespace", "NetworkPolicy", "Secret", "Service", "StatefulSet"]
    names = {kind: item["metadata"]["name"] for kind, item in by_kind.items()}
    pod = by_kind["StatefulSet"]["spec"]["template"]
    labels, spec = pod["metadata"]["labels"], pod["spec"]
    (gateway,), (seed,) = spec["containers"], spec["initContainers"]
    assert labels["app.kubernetes.io/instance"] == "ada"
    assert by_kind["Service"]["spec"]["selector"] == labels
    assert by_kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert by_kind["StatefulSet"]["spec"]["serviceName"] == names["Service"]
    assert gateway["envFrom"] == [{"secretRef": {"name": names["Secret"]}}]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert volumes["seed"]["configMap"]["name"] == names["ConfigMap"]
    claims = {claim["metadata"]["name"] for claim in by_kind["StatefulSet"]["spec"]["volumeClaimTemplates"]}
    for container in (gateway, seed):
        assert {mount["name"] for mount in container["volumeMounts"]} <= set(volumes) | claims
        assert container["image"] == "registry.example/clawfleet-gateway:0.1.0"
    assert {item["metadata"].get("namespace", names["Namespace"]) for item in objects} == {names["Namespace"]}


def test_a_pod_may_do_no_more_than_a_gateway_needs() -> None:
    (stateful,) = documents(KUBERNETES / "base" / "statefulset.yaml")
    spec = stateful["spec"]["template"]["spec"]
    assert (stateful["spec"]["replicas"], spec["terminationGracePeriodSeconds"]) == (1, 330)
    assert spec["automountServiceAccountToken"] is False
    user = spec["securityContext"]
    assert (user["runAsUser"], user["runAsGroup"], user["fsGroup"]) == (1000, 1000, 1000)
    assert user["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (*spec["containers"], *spec["initContainers"]):
        confined = container["securityContext"]
        assert (confined["readOnlyRootFilesystem"], confined["allowPrivilegeEscalation"]) == (True, False)
        assert confined["capabilities"] == {"drop": ["ALL"]}
    (gateway,) = spec["containers"]
    paths = [*gateway["startupProbe"]["exec"]["command"][-3:], *gateway["readinessProbe"]["exec"]["command"][-3:]]
    assert paths == ["/startupz", "status", "started"] * 2
    assert gateway["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert gateway["startupProbe"]["periodSeconds"] * gateway["startupProbe"]["failureThreshold"] == 300


def test_a_pods_config_is_one_that_the_gateway_takes(tmp_path: Path) -> None:
    text = (KUBERNETES / "base" / "openclaw.json5").read_text(encoding="utf-8")
    instance = resolve_instance(environ={"HOME": str(tmp_path), "OPENCLAW_GATEWAY_TOKEN": "t"}, cwd=tmp_path)
    checked = check_text(instance, text)
    assert (checked.config.gateway.bind, checked.config.gateway.mode) == ("lan", "local")
