"""Another Control UI from the operator's directory: its files and nothing beside them, under a policy that fits."""

from __future__ import annotations

import base64
import hashlib
import logging
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from clawfleet.server.http_ui import mount_ui
from clawfleet.server.http_ui_folder import policy_of

BROWSER = {"accept": "text/html,*/*;q=0.8"}
SCRIPT = "globalThis.ready = 1;"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "ui"
    (made / "assets").mkdir(parents=True)
    (made / "index.html").write_text(f'<script>{SCRIPT}</script><script src="./assets/app.js"></script>')
    (made / "assets" / "app.js").write_text("1")
    (made / "manifest.webmanifest").write_text("{}")
    (made / ".env").write_text("SECRET=1")
    (tmp_path / "outside.txt").write_text("secret")
    (made / "link.txt").symlink_to(tmp_path / "outside.txt")
    (made / "inside.js").symlink_to(made / "assets" / "app.js")
    return made


@pytest.fixture
def client(root: Path) -> TestClient:
    app = FastAPI(docs_url=None, openapi_url=None)
    mount_ui(app, instance_id="x", root=root)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/agents", "/settings/general"])
def test_a_browser_gets_its_page_on_every_page_path(client: TestClient, path: str) -> None:
    reply = client.get(path, headers=BROWSER)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert SCRIPT in reply.text
    assert reply.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/assets/app.js", "text/javascript; charset=utf-8"),
        ("/settings/assets/app.js", "text/javascript; charset=utf-8"),
        ("/inside.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ],
)
def test_its_files_have_their_types_wherever_a_page_looks_for_them(
    client: TestClient, path: str, media_type: str
) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, media_type)
    assert "content-security-policy" not in reply.headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/absent.js",
        "/link.txt",
        "/.env",
        "/assets/../.env",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/assets%2f..%2f..%2foutside.txt",
        "//etc/passwd.txt",
        "/a%00.js",
        f"/{'x' * 5000}.js",
    ],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    """No path leads out of the directory, to what is hidden in it, or through a link that leaves it."""
    reply = client.get(path, headers=BROWSER)
    assert (reply.status_code, reply.text) == (404, "Not Found")


def test_an_unchanged_file_is_not_sent_again_and_a_changed_one_is(client: TestClient, root: Path) -> None:
    etag = client.get("/assets/app.js").headers["etag"]
    assert client.get("/assets/app.js", headers={"if-none-match": etag}).status_code == 304
    (root / "assets" / "app.js").write_text("2")
    assert client.get("/assets/app.js", headers={"if-none-match": etag}).text == "2"


def test_the_policy_lets_the_page_s_own_scripts_run_and_no_others() -> None:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    page = f'<script>{SCRIPT}</script><script data-x="1">{SCRIPT}</script><script defer src="a.js"></script>'
    policy = policy_of(page.encode())
    assert policy.count("sha256-") == 1
    assert f"script-src 'self' 'wasm-unsafe-eval' 'sha256-{digest}';" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_directory_without_a_page_is_named_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI(docs_url=None, openapi_url=None)
    with caplog.at_level(logging.WARNING):
        mount_ui(app, instance_id="x", root=tmp_path / "absent")
    assert "gateway.controlUi.root has no readable index.html" in caplog.text
    assert TestClient(app).get("/", headers=BROWSER).status_code == 404
