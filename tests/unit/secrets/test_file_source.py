"""Secrets in files: only a private file of one's own is believed."""

import json
import os
from pathlib import Path

import pytest

from clawfleet.secrets.file_source import SecretUnavailable, pick, read_secret_file


def private(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_json_file_and_its_pointers(tmp_path: Path) -> None:
    file = private(tmp_path / "s.json", json.dumps({"a/b": {"c~d": ["x", "y"]}, "n": 5}))
    content = read_secret_file(file, mode="json", max_bytes=1000)
    assert pick(content, "/a~1b/c~0d/1", mode="json") == "y"
    for pointer, told in (("/nope", "has nothing at /nope"), ("/n", "not a text"), ("/a~1b/c~0d/9", "has nothing")):
        with pytest.raises(SecretUnavailable, match=told):
            pick(content, pointer, mode="json")


def test_a_file_that_is_one_secret(tmp_path: Path) -> None:
    file = private(tmp_path / "token", "s3cret\n")
    content = read_secret_file(file, mode="singleValue", max_bytes=1000)
    assert pick(content, "value", mode="singleValue") == "s3cret"
    with pytest.raises(SecretUnavailable, match="the one id"):
        pick(content, "/x", mode="singleValue")


def test_what_others_can_reach_is_refused(tmp_path: Path) -> None:
    file = private(tmp_path / "s", "x")
    (tmp_path / "link").symlink_to(file)
    with pytest.raises(SecretUnavailable, match="cannot read"):
        read_secret_file(tmp_path / "link", mode="singleValue", max_bytes=10)
    os.link(file, tmp_path / "hard")
    with pytest.raises(SecretUnavailable, match="several names"):
        read_secret_file(file, mode="singleValue", max_bytes=10)
    (tmp_path / "hard").unlink()
    file.chmod(0o640)
    with pytest.raises(SecretUnavailable, match="chmod 600"):
        read_secret_file(file, mode="singleValue", max_bytes=10)
    with pytest.raises(SecretUnavailable, match="not a regular file"):
        read_secret_file(tmp_path, mode="json", max_bytes=10)


def test_too_large_not_json_not_there(tmp_path: Path) -> None:
    file = private(tmp_path / "s", "{ not json")
    with pytest.raises(SecretUnavailable, match="larger than 3 bytes"):
        read_secret_file(file, mode="json", max_bytes=3)
    with pytest.raises(SecretUnavailable, match="is not JSON"):
        read_secret_file(file, mode="json", max_bytes=100)
    with pytest.raises(SecretUnavailable, match="No such file"):
        read_secret_file(tmp_path / "none", mode="json", max_bytes=100)
