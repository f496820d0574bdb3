"""Tests of the secrets of an image build: the build may read them, and no layer of the image may contain them.

The secrets are this machine's certificates, and the settings for its package registries.
"""

import os
import stat
import subprocess
from pathlib import Path

import pytest
from programs import line_of

from dev.command.surroundings import AUTHORITIES
from dev.doors.build_secrets import build_secrets, certificates, secrets_in, write_privately


@pytest.fixture(autouse=True)
def _nothing_set(no_settings: None) -> None:
    """Remove the settings of the person who runs the tests, so that only the settings of a test are set."""


def test_without_a_variable_there_are_no_certificates() -> None:
    assert certificates() is None


def test_the_first_variable_that_is_set_counts(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    assert certificates() == bundle


@pytest.mark.parametrize("name", AUTHORITIES)
@pytest.mark.parametrize("kind", ["missing", "empty", "text", "folder"])
def test_a_variable_without_a_file_of_certificates_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    path = tmp_path / "bundle.pem"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_text("" if kind == "empty" else "no certificate\n")
    monkeypatch.setenv(name, str(path))
    said = line_of(certificates)
    assert said.startswith(f"{name}: expected a file of certificates, found {path}: ")
    assert said.endswith(f"; unset {name}, or correct the path")


def test_without_registry_settings_there_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_NO_INDEX", "UV_OFFLINE", "UV_PUBLISH_TOKEN", "MY_PIP_INDEX_URL", "PIP_INDEX_"):
        monkeypatch.setenv(name, "1")
    assert secrets_in(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_the_registry_settings_become_a_private_shell_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {
        "PIP_INDEX_URL": 'https://me:it\'s $HOME `id` "x"@example.org/simple?a=b&c=d',
        "PIP_EXTRA_INDEX_URL": "https://one\nhttps://two",
        "PIP_TRUSTED_HOST": "one two",
        "UV_DEFAULT_INDEX": "https://example.org/\\simple",
        "UV_INDEX": "",
        "UV_INSECURE_HOST": "*",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    for name, value in {**settings, "UV_CACHE_DIR": "/elsewhere", "PIP_PROXY": "elsewhere"}.items():
        monkeypatch.setenv(name, value)
    before = os.umask(0)
    try:
        assert secrets_in(tmp_path) == {"registries": tmp_path / "registries"}
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "registries").stat().st_mode) == 0o600
    told = subprocess.run(
        ["/bin/sh", "-euc", '. "$1"; exec env -0', "sh", tmp_path / "registries"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = dict(one.split("=", 1) for one in told.split("\0") if one)
    assert {name: value for name, value in found.items() if name not in ("PATH", "PWD", "_", "OLDPWD")} == settings


def test_the_secrets_are_deleted_after_the_build(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://example.org")
    with build_secrets() as found:
        assert found["ca"] == bundle
        assert found["registries"].read_text() == "export UV_DEFAULT_INDEX=https://example.org\n"
    assert not found["registries"].exists()


def test_an_existing_readable_file_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "registries"
    path.touch(mode=0o644)
    path.chmod(0o644)
    write_privately(path, "a password")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
