"""The Control UI's files over HTTP: what is served, to whom, with which headers; and what never gets a page."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from clawfleet import __version__
from clawfleet.server.http_ui import UI_DIR, UiFiles, accepts_html, mount_ui

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MODULES = sorted(path.name for path in UI_DIR.glob("*.js"))


@pytest.fixture
def client() -> TestClient:
    """A gateway's HTTP side with two endpoints of its own and the UI behind them."""
    app = FastAPI(docs_url=None, openapi_url=None)
    nested = APIRouter(prefix="/v1")

    @nested.post("/chat/completions")
    async def complete() -> dict[str, str]:
        return {}

    @app.get("/healthz")
    async def live() -> dict[str, str]:
        return {}

    app.include_router(nested)
    mount_ui(app, instance_id='gw"<1>')
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/anything", "/settings/devices", "/favicon", "/v12", "/modelsx"])
def test_a_browser_gets_the_page_on_every_page_path(client: TestClient, path: str) -> None:
    """Reloading or bookmarking any page of the UI works."""
    reply = client.get(path, headers={"accept": BROWSER})

    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "<claw-chat>" in reply.text


def test_the_page_names_its_gateway(client: TestClient) -> None:
    """Instance id and version stand in the page, escaped."""
    page = client.get("/").text

    assert 'data-gateway-instance="gw&quot;&lt;1&gt;"' in page
    assert f'data-gateway-version="{__version__}"' in page


def test_the_page_has_nothing_inline_and_no_foreign_host(client: TestClient) -> None:
    """Every script and style is a file of this gateway, as the policy demands."""
    page = client.get("/").text

    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|https?://", page) == []
    for name in re.findall(r'(?:href|src)="/assets/([^"]+)"', page):
        assert client.get(f"/assets/{name}").status_code == 200, name


def test_the_page_preloads_every_module(client: TestClient) -> None:
    """No module waits for another to be parsed before it is asked for."""
    page = client.get("/").text

    assert [name for name in MODULES if f'"/assets/{name}"' not in page] == []


def test_ui_answers_carry_the_security_headers(client: TestClient) -> None:
    """Pages and assets are framed by nobody and load nothing from elsewhere."""
    for path in ("/", "/assets/app.js", "/favicon.svg"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/assets/app.js", "text/javascript; charset=utf-8"),
        ("/assets/base.css", "text/css; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml"),
    ],
)
def test_assets_have_their_type(client: TestClient, path: str, media_type: str) -> None:
    """A browser runs modules and styles only under the right type."""
    assert client.get(path).headers["content-type"] == media_type


def test_an_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    """Files are not hashed: each load asks again and gets 304 while nothing changed."""
    first = client.get("/assets/app.js")
    assert first.headers["cache-control"] == "no-cache"

    again = client.get("/assets/app.js", headers={"if-none-match": f'"old", W/{first.headers["etag"]}'})
    changed = client.get("/assets/app.js", headers={"if-none-match": '"old"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert changed.status_code == 200


def test_files_go_out_compressed_where_that_is_understood(client: TestClient) -> None:
    """Both forms hold the same text under different tags, and caches are told."""
    plain = client.get("/assets/app.js", headers={"accept-encoding": "identity, gzip;q=0"})
    small = client.get("/assets/app.js", headers={"accept-encoding": "br, gzip"})

    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.text == plain.text
    assert small.headers["etag"] != plain.headers["etag"]
    assert small.headers["vary"] == "Accept-Encoding"


def test_the_ui_stays_small() -> None:
    """All modules together take less than 40 kB on the wire."""
    assert sum(len(gzip.compress((UI_DIR / name).read_bytes())) for name in MODULES) < 40_000


@pytest.mark.parametrize(
    "path",
    [
        "/assets/missing.js",
        "/assets/",
        "/assets/index.html",
        "/assets/sub/app.js",
        "/assets/%2e%2e/http_ui.py",
        "/assets/..%2f..%2f__init__.py",
        "/assets/%2fetc%2fpasswd",
        "/assets/.js",
        "/favicon.ico",
    ],
)
def test_only_files_of_the_ui_are_assets(client: TestClient, path: str) -> None:
    """Neither a missing asset nor a path out of the directory gives a file or a page."""
    reply = client.get(path, headers={"accept": "*/*"})

    assert reply.status_code == 404
    assert reply.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "path", ["/v1/nope", "/v1", "/hooks/agent", "/api/x", "/metrics", "/.well-known/security.txt", "/models/x"]
)
def test_an_api_client_never_gets_a_page(client: TestClient, method: str, path: str) -> None:
    """A wrong API path is said in JSON, even to a client that takes HTML."""
    reply = client.request(method, path, headers={"accept": BROWSER})

    assert reply.status_code == 404
    assert reply.headers["content-type"].startswith("application/json")
    if method != "HEAD":
        assert reply.json()["error"]["type"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/models"), ("POST", "/chat/completions"), ("POST", "/responses"), ("POST", "/embeddings")],
)
def test_a_base_url_without_v1_is_recognised(client: TestClient, method: str, path: str) -> None:
    """The commonest slip of API clients is answered with the path they meant."""
    assert f"did you mean /v1{path}?" in client.request(method, path).json()["error"]["message"]


def test_a_client_that_wants_json_gets_no_page(client: TestClient) -> None:
    """`Accept: application/json` on an unknown path is a plain 404."""
    assert client.get("/nowhere", headers={"accept": "application/json"}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/", "GET, HEAD"),
        ("DELETE", "/assets/app.js", "GET, HEAD"),
        ("OPTIONS", "/", "GET, HEAD"),
        ("GET", "/v1/chat/completions", "POST"),
        ("DELETE", "/v1/chat/completions", "POST"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_one(client: TestClient, method: str, path: str, allow: str) -> None:
    """The UI's catch-all does not hide which method an endpoint takes."""
    reply = client.request(method, path)

    assert (reply.status_code, reply.headers["allow"], reply.text) == (405, allow, "Method Not Allowed")


def test_endpoints_registered_before_answer_themselves(client: TestClient) -> None:
    """The UI takes only what is left over."""
    assert client.get("/healthz").json() == {}
    assert client.post("/v1/chat/completions").json() == {}


@pytest.mark.parametrize(
    ("accept", "takes_html"),
    [
        (None, True),
        ("", True),
        ("*/*", True),
        (BROWSER, True),
        ("text/*;q=0.5", True),
        ("TEXT/HTML", True),
        ("application/json", False),
        ("image/avif,image/*", False),
        ("text/html; q=0, application/json", False),
        ("text/html;q=0.0", False),
    ],
)
def test_accept_is_read_as_it_is_meant(accept: str | None, takes_html: bool) -> None:
    """A page goes to whoever takes HTML, and to nobody who refuses it."""
    assert accepts_html(accept) is takes_html


async def test_files_are_read_once(tmp_path: Path) -> None:
    """After the first request a file comes from memory."""
    (tmp_path / "index.html").write_text("<p>one</p>")
    (tmp_path / "app.js").write_text("one")
    files = UiFiles(tmp_path, instance_id="x")
    before = (await files.page(), await files.asset("app.js"))

    (tmp_path / "index.html").write_text("<p>two</p>")
    (tmp_path / "app.js").unlink()

    assert (await files.page(), await files.asset("app.js")) == before


async def test_an_asset_that_is_a_directory_or_absent_is_none(tmp_path: Path) -> None:
    """Only plain files directly in the directory count."""
    (tmp_path / "dir.js").mkdir()
    files = UiFiles(tmp_path, instance_id="x")

    assert await files.asset("dir.js") is None
    assert await files.asset("absent.css") is None
