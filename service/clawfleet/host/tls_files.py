"""The certificate and key that a gateway serves with: found, made where both are missing, judged and renewed.

Source: http-and-web §2 (TLS). What cannot be served with is a config error; a pair that is half there is somebody's
mistake, and is left as it is.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from clawfleet.config.env import Instance
from clawfleet.config.models.gateway import GatewayTls
from clawfleet.core.certificate import Certificate, read_certificate
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import ConfigError

MAKE_S = 30.0
WARN_DAYS = 30
"""From so many days before its end on a certificate is complained about."""

YEARS_DAYS = 3650
REQUEST = """\
[req]
prompt = no
distinguished_name = name
x509_extensions = use
[name]
CN = openclaw-gateway
[use]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
subjectAltName = DNS:openclaw-gateway,DNS:localhost,IP:127.0.0.1,IP:::1
"""
"""What `openssl req` is asked for: a certificate for this machine's own clients that can sign no other."""


class TlsUnusable(ConfigError):
    """`gateway.tls` is on, and its files cannot be served with."""

    code = "GATEWAY_TLS_UNUSABLE"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where certificate, key and further certificates are."""

    cert: Path
    key: Path
    ca: Path | None

    @classmethod
    def of(cls, section: GatewayTls, instance: Instance) -> TlsFiles:
        """Those that the config names, else those of the state directory."""
        folder = instance.state_dir / "gateway" / "tls"
        return cls(
            instance.path(section.cert_path) if section.cert_path else folder / "gateway-cert.pem",
            instance.path(section.key_path) if section.key_path else folder / "gateway-key.pem",
            instance.path(section.ca_path) if section.ca_path else None,
        )

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of them."""
        return (self.cert, self.key, *([self.ca] if self.ca else []))

    @property
    def are_missing(self) -> bool:
        """Whether neither certificate nor key is there."""
        return not os.path.lexists(self.cert) and not os.path.lexists(self.key)


class ServerTls:
    """The TLS of a server: `context` is for its listeners, and stays while what is served with is renewed."""

    def __init__(self, files: TlsFiles) -> None:
        """Serve with `files`. Raises TlsUnusable."""
        self.files = files
        self.context, self.certificate = _load(files)
        self._serving = self.context
        self.context.sni_callback = self._choose

    def renew(self) -> bool:
        """Serve new connections with what the files hold now; False if that is the same. Raises TlsUnusable."""
        self._serving, fresh = _load(self.files)
        was, self.certificate = self.certificate, fresh
        return fresh != was

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._serving


def provide_tls(section: GatewayTls, instance: Instance) -> ServerTls | None:
    """What to serve with, made if it is missing; None where TLS is off. Raises TlsUnusable."""
    if not section.enabled:
        return None
    files = TlsFiles.of(section, instance)
    if section.auto_generate and files.are_missing:
        make_pair(files, instance.environ.get("PATH"))
    return ServerTls(files)


def check_tls(section: GatewayTls, instance: Instance) -> Certificate | None:
    """The certificate to serve with; None for none, or one that the start would make. Raises TlsUnusable."""
    if not section.enabled:
        return None
    files = TlsFiles.of(section, instance)
    if section.auto_generate and files.are_missing:
        return None
    return _load(files)[1]


def pin_of_file(section: GatewayTls, instance: Instance) -> str | None:
    """The fingerprint of the certificate that the config means; None when it cannot be read."""
    try:
        return read_certificate(TlsFiles.of(section, instance).cert.read_text(encoding="ascii")).fingerprint
    except (OSError, ValueError):
        return None


def make_pair(files: TlsFiles, search: str | None) -> None:
    """A self-signed certificate with its key, both new: neither is ever put over a file. Raises TlsUnusable."""
    program = shutil.which("openssl", path=search)
    if program is None:
        raise TlsUnusable(
            "gateway.tls.autoGenerate needs the program openssl, and it is not installed",
            hint="install openssl, or name files of yours: gateway.tls.certPath and gateway.tls.keyPath",
        )
    try:
        for folder in (files.cert.parent, files.key.parent):
            _make_folder(folder)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=files.key.parent) as name:
            cert, key = _make(program, Path(name))
            _put(key, files.key)
            _put(cert, files.cert)
    except OSError as error:
        raise TlsUnusable(
            f"gateway.tls.autoGenerate cannot write {files.cert} and {files.key}: {error.strerror or error}",
            hint="make the folder writable, or name other files: gateway.tls.certPath and gateway.tls.keyPath",
        ) from error


def _make_folder(path: Path) -> None:
    for folder in reversed([item for item in (path, *path.parents) if not item.exists()]):
        folder.mkdir(mode=0o700)


def _make(program: str, folder: Path) -> tuple[Path, Path]:
    request, cert, key = folder / "request.cnf", folder / "cert.pem", folder / "key.pem"
    request.write_text(REQUEST, encoding="ascii")
    command = [program, "req", "-x509", "-newkey", "rsa:2048", "-sha256", "-days", str(YEARS_DAYS), "-nodes"]
    command += ["-config", str(request), "-keyout", str(key), "-out", str(cert)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=MAKE_S, env={"HOME": str(folder)})
    except subprocess.SubprocessError as error:
        told = getattr(error, "stderr", None) or b""
        last = told.decode(errors="replace").strip().rpartition("\n")[2] or str(error)
        raise TlsUnusable(
            f"gateway.tls.autoGenerate: openssl made no certificate: {last}",
            hint="mend openssl, or name files of yours: gateway.tls.certPath and gateway.tls.keyPath",
        ) from error
    return cert, key


def _put(made: Path, final: Path) -> None:
    """Show a file whole under its final name, which must be free."""
    made.chmod(0o600)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    os.link(made, final)


def _load(files: TlsFiles) -> tuple[ssl.SSLContext, Certificate]:
    for name, path in (("certPath", files.cert), ("keyPath", files.key), ("caPath", files.ca)):
        if path is not None:
            _check_readable(name, path)
    try:
        certificate = read_certificate(files.cert.read_text(encoding="utf-8", errors="replace"))
    except ValueError as error:
        raise _unusable("certPath", files.cert, str(error), "put a certificate in PEM form there") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(files.cert, files.key, password=lambda: "")
    except (ssl.SSLError, ValueError) as error:
        raise _no_pair(files, error) from error
    if files.ca is not None:
        try:
            context.load_verify_locations(files.ca)
        except ssl.SSLError as error:
            cure = "put the certificates of your authority in PEM form there, or unset it"
            raise _unusable("caPath", files.ca, "it holds no certificates in PEM form", cure) from error
    _check_dates(files, certificate)
    return context, certificate


def _check_readable(name: str, path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        cure = "put the file there, readable for the gateway's user, or correct the path"
        if isinstance(error, FileNotFoundError) and name != "caPath":
            cure += "; without certificate and key, gateway.tls.autoGenerate makes both"
        raise _unusable(name, path, error.strerror or str(error), cure) from error


def _check_dates(files: TlsFiles, certificate: Certificate) -> None:
    now = now_ms()
    if certificate.expires_at_ms <= now:
        raise _unusable("certPath", files.cert, f"it expired on {certificate.last_day}", RENEW)
    if certificate.valid_from_ms > now:
        raise _unusable("certPath", files.cert, "it is not valid yet", "check this machine's clock, or renew it")


RENEW = "renew it; of a pair that the gateway made, remove both files and restart: it makes a new one"


def _no_pair(files: TlsFiles, error: ssl.SSLError | ValueError) -> TlsUnusable:
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        why, cure = f"it is not the key of {files.cert}", "name the key that the certificate was made for"
    else:
        why = "it holds no key in PEM form that can be read without a passphrase"
        cure = "put the key there without one: openssl pkey -in <key> -out <file>"
    return _unusable("keyPath", files.key, why, cure)


def _unusable(name: str, path: Path, why: str, cure: str) -> TlsUnusable:
    return TlsUnusable(f"gateway.tls.{name}: cannot serve with {path}: {why}", hint=cure)
