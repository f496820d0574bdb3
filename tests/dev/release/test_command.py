"""Tests of `scripts/release`: the tag that it accepts, and the files that it writes."""

from pathlib import Path

import pytest

import envparity
from dev.command.errors import CommandError
from dev.release.command import check_tag, main


def test_the_tag_is_the_version() -> None:
    check_tag("")
    check_tag(f"v{envparity.__version__}")
    for tag in ("v0", envparity.__version__, f"v{envparity.__version__}.1"):
        with pytest.raises(CommandError, match=rf"expected the tag v{envparity.__version__}, .*, found {tag}"):
            check_tag(tag)


def test_a_wrong_tag_ends_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELEASE_TAG", "v9")
    assert main(["--output", str(tmp_path / "release")]) == 3
    assert capsys.readouterr().err.startswith("scripts/release: release: expected the tag v")
    assert not (tmp_path / "release").exists()
