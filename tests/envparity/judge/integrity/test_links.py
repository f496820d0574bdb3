"""Tests of findings about links in the place of installed files and folders."""

import shutil
from pathlib import Path

import pytest
from environment_builder import Environment
from judging import codes, of, only, subject

from envparity.judge.findings import Finding
from envparity.judge.judgement import check
from envparity.judge.rules import Severity


def judge(environment: Environment) -> list[Finding]:
    return check(subject(environment.snapshot()))


def linked(environment: Environment, *names: str) -> Path:
    """Move files of the site folder into a cache, as `uv pip install --link-mode symlink` does; return the cache."""
    cache = environment.folder.with_name("cache")
    for name in names:
        target = cache / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (environment.site / name).rename(target)
        (environment.site / name).symlink_to(target)
    return cache


@pytest.fixture
def cache(sound: Environment) -> Path:
    """Return the cache to which every file of alpha and beta is linked, except RECORD and INSTALLER."""
    paths = [path for path in sorted(sound.site.rglob("*")) if path.is_file()]
    names = [str(path.relative_to(sound.site)) for path in paths if path.name not in ("RECORD", "INSTALLER")]
    return linked(sound, *names)


def test_links_into_a_cache_are_a_note(sound: Environment, cache: Path) -> None:
    assert cache.is_dir()
    assert codes(judge(sound)) == {"installed-as-links", "unlocked"}


def test_a_cache_that_was_cleaned_is_one_error(sound: Environment, cache: Path) -> None:
    shutil.rmtree(cache)
    findings = judge(sound)
    assert codes(findings) == {"link-broken", "unlocked"}
    found = only("link-broken", findings)
    assert found.severity is Severity.ERROR
    assert found.distributions == ("alpha", "beta")
    assert found.message.startswith(
        "alpha 1.0, beta 2.0: 8 files are links that lead nowhere: site/alpha-1.0.dist-info/"
    )
    assert f"leads to {cache}/alpha-1.0.dist-info/METADATA" in found.message


def test_one_target_that_was_removed(sound: Environment, cache: Path) -> None:
    (cache / "beta.py").unlink()
    findings = judge(sound)
    assert codes(findings) == {"link-broken", "installed-as-links", "unlocked"}
    assert only("link-broken", findings).paths == ("site/beta.py",)
    assert "site/beta.py" not in only("installed-as-links", findings).paths


@pytest.mark.parametrize("target", ["nowhere", "core.py", "data.txt/further"])
def test_a_link_that_leads_nowhere(target: str, sound: Environment) -> None:
    """The target is missing, is the link itself, or is below a file."""
    (sound.site / "alpha" / "core.py").unlink()
    (sound.site / "alpha" / "core.py").symlink_to(target)
    assert codes(judge(sound)) == {"link-broken", "unlocked"}


def test_a_folder_that_is_a_link_which_leads_nowhere(sound: Environment) -> None:
    moved = sound.folder.with_name("moved")
    (sound.site / "alpha").rename(moved)
    (sound.site / "alpha").symlink_to(moved)
    assert codes(judge(sound)) == {"file-link", "unlocked"}
    shutil.rmtree(moved)
    findings = judge(sound)
    assert codes(findings) == {"link-broken", "unlocked"}
    assert (only("link-broken", findings).paths, only("link-broken", findings).distributions) == (
        ("site/alpha",),
        ("alpha",),
    )


def test_metadata_behind_a_link_which_leads_nowhere(sound: Environment) -> None:
    info = sound.site / "beta-2.0.dist-info"
    shutil.rmtree(info)
    info.symlink_to("nowhere")
    (found,) = of("link-broken", judge(sound))
    assert found.paths == ("site/beta-2.0.dist-info",)


def test_a_stray_link_which_leads_nowhere_belongs_to_no_distribution(sound: Environment) -> None:
    (sound.site / "alpha" / "more.py").symlink_to("nowhere")
    (sound.folder / "share").symlink_to("/nowhere")
    assert codes(judge(sound)) == {"file-extraneous", "file-unowned", "unlocked"}
