"""The certificate and key that a gateway serves with."""

from __future__ import annotations

import contextlib
import shutil
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.models.gateway import GatewayTls
from clawfleet.core.clock import now_ms
from clawfleet.host.tls_files import ServerTls, TlsFiles, TlsUnusable, check_tls, make_pair, pin_of_file, provide_tls
from tests.support.certificates import Authority, Signed

ON = GatewayTls(enabled=True)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    state = {"OPENCLAW_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path)}
    search = str(Path(shutil.which("openssl") or "").parent)
    return resolve_instance(profile=None, environ={**state, "PATH": search}, cwd=tmp_path)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def placed(folder: Path, signed: Signed) -> GatewayTls:
    """The section for a pair of the operator's."""
    (folder / "own.crt").write_text(signed.cert)
    (folder / "own.key").write_text(signed.key)
    return GatewayTls(enabled=True, cert_path=str(folder / "own.crt"), key_path=str(folder / "own.key"))


def test_off_needs_and_makes_nothing(instance: Instance) -> None:
    assert provide_tls(GatewayTls(), instance) is None
    assert check_tls(GatewayTls(), instance) is None
    assert not instance.state_dir.exists()


def test_a_missing_pair_is_made_once(instance: Instance) -> None:
    assert check_tls(ON, instance) is None
    made = provide_tls(ON, instance)
    assert made is not None
    folder = instance.state_dir / "gateway" / "tls"
    assert sorted(path.name for path in folder.iterdir()) == ["gateway-cert.pem", "gateway-key.pem"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    cert = x509.load_pem_x509_certificate((folder / "gateway-cert.pem").read_bytes())
    assert cert.subject.rfc4514_string() == cert.issuer.rfc4514_string() == "CN=openclaw-gateway"
    assert made.certificate.days_left(now_ms()) in {3649, 3650}
    assert not cert.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    again = provide_tls(ON, instance)
    assert again is not None
    assert again.certificate == made.certificate == check_tls(ON, instance)
    assert pin_of_file(ON, instance) == made.certificate.fingerprint


def test_half_a_pair_is_left_as_it_is(instance: Instance) -> None:
    provide_tls(ON, instance)
    files = TlsFiles.of(ON, instance)
    files.cert.unlink()
    key = files.key.read_bytes()
    with pytest.raises(TlsUnusable, match=r"gateway\.tls\.certPath: .*gateway-cert\.pem: No such file") as caught:
        provide_tls(ON, instance)
    assert caught.value.exit_code == 78
    assert "autoGenerate" in str(caught.value.hint)
    with pytest.raises(TlsUnusable, match="File exists"):  # a person was quicker
        make_pair(files, instance.environ["PATH"])
    assert (files.key.read_bytes(), files.cert.exists()) == (key, False)
    assert pin_of_file(ON, instance) is None


def test_without_auto_generate_nothing_is_made(instance: Instance) -> None:
    with pytest.raises(TlsUnusable, match="certPath"):
        provide_tls(GatewayTls(enabled=True, auto_generate=False), instance)
    assert not instance.state_dir.exists()


def test_without_openssl_the_way_out_is_named(instance: Instance, tmp_path: Path) -> None:
    with pytest.raises(TlsUnusable, match="openssl") as caught:
        make_pair(TlsFiles.of(ON, instance), str(tmp_path))
    assert "gateway.tls.certPath" in str(caught.value.hint)
    (tmp_path / "openssl").write_text("#!/bin/sh\necho no entropy >&2\nexit 1\n")
    (tmp_path / "openssl").chmod(0o755)
    with pytest.raises(TlsUnusable, match="made no certificate: no entropy"):
        make_pair(TlsFiles.of(ON, instance), str(tmp_path))
    assert list((instance.state_dir / "gateway" / "tls").iterdir()) == []


def test_a_folder_that_cannot_be_is_told(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    section = GatewayTls(enabled=True, cert_path=str(tmp_path / "file" / "c"), key_path=str(tmp_path / "file" / "k"))
    with pytest.raises(TlsUnusable, match=r"cannot write .*file/c and .*file/k: "):
        provide_tls(section, instance)


def test_a_pair_of_the_operators_is_served_with(instance: Instance, authority: Authority, tmp_path: Path) -> None:
    section = placed(tmp_path, authority.sign("gateway.example"))
    (tmp_path / "ca.pem").write_text(authority.pem)
    section = section.model_copy(update={"ca_path": "~/ca.pem"})
    served = provide_tls(section, instance)
    assert served is not None
    assert served.files.paths == (tmp_path / "own.crt", tmp_path / "own.key", tmp_path / "ca.pem")
    assert served.context.minimum_version == ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("expired", (r"certPath.*own\.crt: it expired on 20", "renew it")),
        ("early", (r"certPath.*own\.crt: it is not valid yet", "clock")),
        ("other key", (r"keyPath.*own\.key: it is not the key of .*own\.crt", "name the key")),
        ("locked key", (r"keyPath.*own\.key: it holds no key .* without a passphrase", "openssl pkey")),
        ("no key", (r"keyPath.*own\.key: it holds no key", "openssl pkey")),
        ("no cert", (r"certPath.*own\.crt: it holds no certificate", "PEM")),
        ("damaged", (r"certPath.*own\.crt: its certificate is damaged", "PEM")),
        ("no ca", (r"caPath.*ca\.pem: it holds no certificates", "unset it")),
        ("missing ca", (r"caPath.*ca\.pem: No such file", "correct the path")),
        ("a folder", (r"keyPath.*own\.key: Is a directory", "readable")),
    ],
)
def test_what_cannot_be_served_with(
    instance: Instance, authority: Authority, tmp_path: Path, broken: str, said: tuple[str, str]
) -> None:
    days = {"expired": (-9, -1), "early": (1, 9)}.get(broken, (-1, 9))
    signed = authority.sign("gateway.example", days=days, passphrase="secret" if broken == "locked key" else "")
    section = placed(tmp_path, signed)
    cert, key, ca = (tmp_path / name for name in ("own.crt", "own.key", "ca.pem"))
    match broken:
        case "other key":
            key.write_text(authority.sign("other.example").key)
        case "no key":
            key.write_text("nothing")
        case "no cert":
            cert.write_text("nothing")
        case "damaged":
            cert.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        case "a folder":
            key.unlink()
            key.mkdir()
    if "ca" in broken.split():
        section = section.model_copy(update={"ca_path": str(ca)})
        if broken == "no ca":
            ca.write_text("nothing")
    told, cure = said
    with pytest.raises(TlsUnusable, match=told) as caught:
        provide_tls(section, instance)
    assert cure in str(caught.value.hint)


def handshake(served: ServerTls, authority: Authority) -> bytes | None:
    """The certificate that a client is shown, over memory alone."""
    trusting = ssl.create_default_context(cadata=authority.pem)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname="gateway.example")
    server = served.context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return client.getpeercert(binary_form=True)


def test_new_connections_see_a_renewed_certificate(instance: Instance, authority: Authority, tmp_path: Path) -> None:
    section = placed(tmp_path, authority.sign("gateway.example"))
    served = provide_tls(section, instance)
    assert served is not None
    first, before = handshake(served, authority), served.certificate
    assert not served.renew()
    (tmp_path / "own.crt").write_text(authority.sign("gateway.example").cert)  # the key is still the old one
    with pytest.raises(TlsUnusable, match="keyPath"):
        served.renew()
    assert (handshake(served, authority), served.certificate) == (first, before)
    placed(tmp_path, authority.sign("gateway.example"))
    assert served.renew()
    assert served.certificate != before
    assert handshake(served, authority) not in (first, None)
