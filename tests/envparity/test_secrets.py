"""Tests that envparity prints and writes no password or token of a URL, in any format, file or error."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from environment_builder import Environment

from envparity.probe.text import without_secrets
from envparity.text import visible

SECRET = "hunter2"  # noqa: S105 - no real password
URLS = [
    f"https://user:{SECRET}@host.example/simple/a.whl",
    f"git+https://{SECRET}@host.example/a.git@v1",
    f"git+ssh://git:{SECRET}@host.example:2222/a.git@0123abc#egg=a",
    f"//{SECRET}@host.example/a",
    f"https:/user:{SECRET}@host.example/a",
    f"https://user:p/{SECRET}@host.example/a",
    f"https://user:p@{SECRET}@host.example/a",
    f"https://host.example/a.whl?token={SECRET}&x=1#sha256=00",
    f"https://host.example/a?sig={SECRET}",
    f"https://host.example/a#access={SECRET}",
    f"https://__token__:{SECRET}@host.example",
]


@pytest.mark.parametrize("url", URLS)
def test_a_url_loses_its_secrets_and_keeps_the_rest(url: str) -> None:
    for text in (url, f"expected {url!r} in the file, found none", f'{{"url": "{url}"}}'):
        shown = without_secrets(text)
        assert SECRET not in shown
        assert "host.example" in shown
        assert without_secrets(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://host.example:8443/a/b.whl#sha256=00ff",
        "git+https://host.example/a.git@v1#subdirectory=x",
        "git+ssh://host.example:22/a.git@v1",
        "file:///home/somebody/a@b/c.whl",
        "python:3.11@sha256:00ff",
        "site/alpha@1/core.py, see alpha@site/alpha-2.0.dist-info: what is it?",
        "expected a token, found none; the password is wrong",
        "requires secretstorage==3.3.3 and tokenizers===0.21",
        "expected csrf-token 1.0, found x-api-key 3",
    ],
)
def test_a_text_without_secrets_stays_unchanged(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"env API_TOKEN={SECRET} python",
        f"--password {SECRET} python",
        f"machine host.example login user password {SECRET}",
        f"curl -H 'Authorization: Bearer {SECRET}'",
    ],
)
def test_a_secret_after_its_name_is_left_out(text: str) -> None:
    assert SECRET not in visible(text)
    assert "***" in visible(text)


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return an environment whose metadata has secrets in each place that envparity reads."""
    environment = Environment(tmp_path_factory.mktemp("leaky") / "environment")
    requires = [f"gone{number} @ {url}" for number, url in enumerate(URLS)]
    info = environment.add("alpha", requires=requires, extra_metadata=f"Provides-Extra: {URLS[0]}\n")
    (info / "INSTALLER").write_text(f"pip from {URLS[0]}\n", encoding="utf-8")
    (info / "uv_build.json").write_text(json.dumps({"config_settings": {"index": URLS[0]}}))
    direct = {"url": URLS[0], "vcs_info": {"vcs": "git", "commit_id": "00", "requested_revision": URLS[1]}}
    (info / "direct_url.json").write_text(json.dumps(direct))
    other = environment.add("beta")
    (other / "direct_url.json").write_text(json.dumps({"url": URLS[6], "archive_info": {}}))
    (environment.site / "link").symlink_to(URLS[0])
    return environment


def run(folder: Path, *words: str, **environ: str) -> str:
    """Run envparity and return everything that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "envparity", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
    )
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_no_report_and_no_snapshot_has_a_secret(leaky: Environment, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"alpha @ {URLS[1]}\nbeta==1.0 --hash=sha256:00\nother @ {URLS[0]}\n")
    names = [f"report.{ending}" for ending in ("html", "json", "md", "sarif", "txt")]
    reports = [word for name in names for word in ("--report", name)]
    python = str(leaky.python)
    variables = {"PIP_INDEX_URL": URLS[0], "UV_INDEX": URLS[0], "PYTHONPATH": f"{Path(__file__).parents[2]}:{URLS[3]}"}
    said = run(tmp_path, "check", python, "--lock", str(lock), *reports, **variables)
    assert "lock-source" in said
    assert SECRET not in said
    said += run(tmp_path, "snapshot", python, "-o", "saved.json", **variables)
    said += run(tmp_path, "snapshot", python, **variables)
    said += run(tmp_path, "compare", f"one={python}", "two=saved.json", "--no-lock")
    said += run(tmp_path, "why", "alpha", "--door", python, "--offline")
    for name in [*names, "saved.json"]:
        assert SECRET not in (tmp_path / name).read_text(encoding="utf-8"), name
    assert SECRET not in said


def test_no_error_has_a_secret(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.envparity.doors]\nhere = "no-such-program {URLS[0]} --token {SECRET}"\n'
        f'sh = "sh -c \\"echo {URLS[0]} >&2; exit 3\\""\n'
    )
    for number, line in enumerate((f"alpha @ {URLS[0]}\nalpha @ {URLS[2]}", f"alpha=={URLS[0]}", f"-r {URLS[0]}")):
        (tmp_path / f"lock{number}.txt").write_text(line + "\n")
    said = run(tmp_path, "doors")
    assert "no-such-program" in said
    assert SECRET not in said
    for words in (
        ["check", "here"],
        ["check", "sh"],
        ["check", URLS[0]],
        ["check", f"x=false {URLS[0]}"],
        ["history", f"alpha @ {URLS[0]}"],
        ["history", f"alpha=={URLS[0]}"],
        ["history", "alpha", "--python", URLS[0]],
        ["bisect", "alpha", "--good", URLS[0], "--bad", "2025-01-01", "--", "true"],
        ["why", URLS[0], "--door", sys.executable],
        ["check", sys.executable, "--format", URLS[0]],
        ["check", sys.executable, "--report", URLS[0]],
        ["check", sys.executable, "--lock", URLS[0]],
        ["--project", URLS[0], "doors"],
        ["explain", URLS[0]],
        ["check", "a", URLS[0]],
        *(["check", sys.executable, "--lock", f"lock{number}.txt"] for number in range(3)),
    ):
        found = run(tmp_path, *words)
        assert found, words
        assert SECRET not in found, words
    (tmp_path / "pyproject.toml").write_text(f'[tool.envparity]\ntrack = "{URLS[0]}"\ntracks = []\n')
    assert SECRET not in run(tmp_path, "doors")
