"""Tests of `run`, which starts a program: an error is one line, and settings that change a resolution are removed."""

import sys
from pathlib import Path

import pytest
from programs import line_of, put

from dev.command.errors import CommandError
from dev.command.surroundings import AUTHORITIES
from dev.lockenv.command import clean_environment, run


def test_a_program_gets_its_input_and_returns_its_output() -> None:
    assert run([sys.executable, "-c", "print(input()[::-1])"], purpose="reversing", stdin="abc\n") == "cba\n"


def test_a_failure_is_one_line() -> None:
    script = "import sys; sys.stderr.write('one\\n\\n  two\\n'); sys.exit(7)"
    with pytest.raises(CommandError, match=r"^testing: python\S* ended with status 7: one \| two$"):
        run([sys.executable, "-c", script], purpose="testing")


def test_a_missing_program_is_one_line() -> None:
    with pytest.raises(CommandError, match="testing: expected to run no-such-program"):
        run(["no-such-program"], purpose="testing")


def test_a_persons_resolver_settings_do_not_reach_the_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2020-01-01")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("UV_OFFLINE", "yes")
    script = "import os; print([os.environ.get(n) for n in ('UV_EXCLUDE_NEWER', 'PYTHONPATH', 'UV_OFFLINE', 'CFLAGS')])"
    said = run([sys.executable, "-c", script], purpose="testing", extra={"CFLAGS": "-g0"})
    assert said == "[None, None, 'yes', '-g0']\n"


KEPT = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_TRUSTED_HOST", "PIP_CERT", "PIP_PROXY"),
    *("PIP_CACHE_DIR", "PIP_DEFAULT_TIMEOUT", "PIP_NO_INDEX", "PIP_CONFIG_FILE", "UV_INDEX", "UV_DEFAULT_INDEX"),
    *("UV_INDEX_URL", "UV_INDEX_PRIVATE_USERNAME", "UV_INDEX_STRATEGY", "UV_CACHE_DIR", "UV_HTTP_TIMEOUT"),
    *("UV_CONCURRENT_DOWNLOADS", "UV_NATIVE_TLS", "UV_INSECURE_HOST", "LOCKENV_UV", "HOME"),
)
REMOVED = (
    *(
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_PYTHON",
        "PIP_NO_BINARY",
        "PIP_CONSTRAINT",
        "PIP_REQUIREMENT",
    ),
    *("PIP_DRY_RUN", "PIP_NO_DEPS", "PIP_PRE", "PIP_REQUIRE_HASHES", "PIP_ISOLATED", "PIP_NO_COMPILE", "PIP_EDITABLE"),
    *("UV_NO_BINARY", "UV_NO_BUILD", "UV_OVERRIDE", "UV_CONSTRAINT", "UV_EXCLUDE", "UV_EXCLUDE_NEWER", "UV_PRERELEASE"),
    *("UV_RESOLUTION", "UV_LINK_MODE", "UV_COMPILE_BYTECODE", "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_MANAGED_PYTHON"),
    *("UV_TORCH_BACKEND", "UV_PROJECT_ENVIRONMENT", "UV_NO_SOURCES", "UV_NO_VERIFY_HASHES", "UV_REQUIRE_HASHES"),
    *("UV_BREAK_SYSTEM_PACKAGES", "UV_A_SETTING_OF_A_LATER_RELEASE", "VIRTUAL_ENV", "PYTHONSAFEPATH", "PYTHONSTARTUP"),
)


@pytest.mark.parametrize(("names", "kept"), [(KEPT, True), (REMOVED, False)])
def test_only_settings_of_registries_and_caches_reach_the_installer(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], kept: bool
) -> None:
    for name in names:
        monkeypatch.setenv(name, "1")
    assert [name for name in names if (name in clean_environment()) != kept] == []


def test_the_error_of_an_installer_names_the_variables_that_can_be_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*AUTHORITIES, "PIP_CONFIG_FILE", "UV_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    pip = put(tmp_path, "pip", "echo 'no matching distribution' >&2; exit 1")
    before = "testing: pip ended with status 1: no matching distribution"
    assert line_of(lambda: run([pip, "install"], purpose="testing")) == before
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    assert line_of(lambda: run([pip, "install"], purpose="testing")) == (
        f"{before}; one of your variables may be the reason, unset it and try again: PIP_NO_INDEX, SSL_CERT_FILE, "
        "which names no file"
    )
    other = put(tmp_path, "gcc", "echo no >&2; exit 1")
    assert line_of(lambda: run([other], purpose="testing")) == "testing: gcc ended with status 1: no"


@pytest.mark.parametrize("index", ["http://127.0.0.1:9/simple", "https://index.invalid/simple"])
def test_an_index_that_cannot_be_reached_is_one_line_with_a_cure(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip says `Connection refused`, or a text about `name resolution`, in lines about its retries."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", index)
    monkeypatch.setenv("PIP_RETRIES", "1")
    said = line_of(lambda: run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "six"], purpose="testing"))
    assert said.startswith("testing: python")
    assert "Retrying" not in said
    end = "the package index cannot be reached. Behind a proxy, set HTTPS_PROXY=http://HOST:PORT and try again"
    assert said.endswith(f"; {end}")
