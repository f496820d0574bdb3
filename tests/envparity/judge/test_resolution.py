"""Tests of findings (errors and notes) about distributions, compared with the lock and with their requirements."""

import json
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from judging import LOCK, OTHER, at_patch, beside, codes, declaring, edited, lock_of, only, subject

from envparity.errors import EnvparityError
from envparity.judge.findings import Finding
from envparity.judge.judgement import compare
from envparity.judge.resolution import check
from envparity.judge.rules import Severity
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.project.locks import read_lock

COMMIT = "30c6686026d8f9bbb9d32768b477b9e243eaf4c7"


def judge(environment: Environment, lock: str = LOCK) -> list[Finding]:
    return list(check(subject(environment.snapshot(), lock_of(environment, lock))))


def source(environment: Environment, **url: object) -> None:
    (environment.site / "alpha-1.0.dist-info" / "direct_url.json").write_text(json.dumps(url))


def test_a_pin_whose_marker_does_not_hold_is_not_expected(sound: Environment) -> None:
    assert judge(sound, f"{LOCK}colorama==0.4 ; sys_platform == 'win32'\n") == []
    assert codes(judge(sound, f"{LOCK}colorama==0.4 ; sys_platform != 'win32'\n")) == {"lock-missing"}
    assert codes(judge(sound, LOCK.replace("alpha==1.0", "alpha==1.0 ; sys_platform == 'win32'"))) == {"lock-extra"}


def test_pip_and_setuptools_are_findings_only_if_the_project_says_exact(sound: Environment) -> None:
    sound.add("pip", "25.0")
    sound.add("setuptools", "65.5.0")
    sound.add("wheel", "0.45")
    snapshot, lock = sound.snapshot(), lock_of(sound, LOCK)
    assert judge(sound) == []
    assert codes(judge(sound, f"{LOCK}pip==26.0\n")) == {"lock-version"}
    exact = Config(root=sound.folder, exact=True)
    found = check(Subject("", snapshot, exact, None, lock))
    assert [one.distributions for one in found] == [("pip",), ("setuptools",), ("wheel",)]


@pytest.mark.parametrize(
    ("pinned", "installed"), [("1.0", "1.0.0"), ("1.0+local", "1.0+Local"), ("1.0rc1", "1.0-rc.1"), ("odd", "odd")]
)
def test_versions_are_compared_as_versions(pinned: str, installed: str, empty: Environment) -> None:
    empty.add("thing", installed)
    # In a lock, == pins a valid version, and === may pin any text.
    assert codes(judge(empty, f"thing{'===' if pinned == 'odd' else '=='}{pinned}\n")) == set()
    assert codes(judge(empty, "thing==3\n")) == {"lock-version"}


def test_names_are_compared_as_names(empty: Environment) -> None:
    empty.add("Zope.Interface", "5.0", {"zope/interface.py": ""})
    assert judge(empty, "zope-interface==5.0\n") == []


def test_a_commit_counts_as_a_source(sound: Environment) -> None:
    lock = sound.folder.with_name("lock.txt")
    lock.write_text("beta==2.0\n")
    pinned = read_lock(lock, (f"alpha @ git+https://example.com/alpha.git@{COMMIT}",))

    def found() -> list[Finding]:
        return list(check(subject(sound.snapshot(), pinned)))

    assert only("lock-source", found()).message.endswith("found alpha 1.0 from a release")
    vcs = {"vcs": "git", "commit_id": COMMIT}
    source(sound, url="https://example.com/alpha.git", vcs_info=vcs)
    assert found() == []
    source(sound, url="https://example.com/alpha.git", vcs_info=vcs | {"commit_id": "c0ffee"})
    assert only("lock-source", found()).message.endswith("found alpha 1.0 from https://example.com/alpha.git@c0ffee")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"url": "file:///home/me/alpha", "dir_info": {"editable": True}}, "an editable install"),
        ({"url": "file:///home/me/alpha", "dir_info": {}}, "file:"),
        ({"url": "https://me:secret@example.com/a.whl", "archive_info": {}}, "https://example.com/a.whl"),
    ],
)
def test_a_source_that_differs_from_the_lock_is_an_error(url: dict[str, object], said: str, sound: Environment) -> None:
    source(sound, **url)
    one = only("lock-source", judge(sound))
    assert one.message == f"expected alpha 1.0 as environment.lock.txt pins it, found alpha 1.0 from {said}"


def test_an_artefact_with_a_hash_in_the_lock_is_no_finding(sound: Environment) -> None:
    provenance = sound.site / "alpha-1.0.dist-info" / "provenance_url.json"
    provenance.write_text(json.dumps({"url": "x", "archive_info": {"hashes": {"sha256": "aa" * 32}}}))
    assert judge(sound, f"beta==2.0\nalpha==1.0 --hash=sha256:{'bb' * 32} --hash=sha256:{'aa' * 32}\n") == []
    assert judge(sound) == [], "the lock has no hashes at all"
    assert codes(judge(sound, f"beta==2.0\nalpha==1.0 --hash=sha256:{'bb' * 32}\n")) == {"lock-artefact"}


def test_twice_in_two_site_folders_is_a_note(clean: bytes) -> None:
    def change(document: dict[str, list[dict[str, object]]]) -> None:
        document["distributions"].append(
            document["distributions"][0] | {"id": "alpha@x", "metadata": "site-2/alpha-1.0.dist-info"}
        )

    assert only("distribution-twice", check(subject(edited(clean, change)))).severity is Severity.NOTE


def test_a_lock_with_two_pins_of_a_name_is_an_error(clean: bytes, tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text("alpha==1.0\nalpha==1.1\n")
    with pytest.raises(EnvparityError, match="expected one pin of alpha"):
        list(check(subject(edited(clean), read_lock(tmp_path / "lock.txt"))))


def patch_levels(clean: bytes, tmp_path: Path, config: Config, *, marker: str) -> list[Finding]:
    """Return the findings about two environments that differ in the patch level of Python (3.11.2 and 3.11.15).

    Only the first has async-timeout, which the lock pins with the environment marker `marker`.
    """
    lock = tmp_path / "lock.txt"
    lock.write_text(f"alpha==1.0\nbeta==2.0\nasync-timeout==5.0.1 ; {marker}\n")

    def more(document: dict[str, Any]) -> None:
        one = document["distributions"][0] | {"id": "async-timeout", "name": "async-timeout", "version": "5.0.1"}
        document["distributions"].append(one | {"metadata": "site/async_timeout-5.0.1.dist-info"})
        facts = {"size": 1, "sha256": OTHER, "claims": {"async-timeout": "match"}}
        document["files"] |= {f"site/async_timeout/{name}.py": facts for name in ("__init__", "a", "b")}

    return compare(
        [
            Subject("here", edited(clean, at_patch("3.11.2"), more), config, "one", read_lock(lock)),
            Subject("there", edited(clean, at_patch("3.11.15")), config, "one", read_lock(lock)),
        ]
    )


def test_a_distribution_from_a_patch_level_marker_follows_from_the_patch_level(clean: bytes, tmp_path: Path) -> None:
    marker = "python_full_version < '3.11.3'"
    for config, severity in ((declaring("python"), Severity.NOTE), (declaring(), Severity.ERROR)):
        found = patch_levels(clean, tmp_path, config, marker=marker)
        assert codes(found) == {"interpreter-patch", "distribution-differs"}
        differs = only("distribution-differs", found)
        assert (differs.severity, differs.because) == (severity, "interpreter-patch")
        assert "found: here 5.0.1, there none; the lock pins it only where python_full_version" in differs.message


def test_another_marker_explains_nothing(clean: bytes, tmp_path: Path) -> None:
    found = patch_levels(clean, tmp_path, declaring("python"), marker="python_full_version < '3.99'")
    differs = only("distribution-differs", found)
    assert (differs.severity, differs.because) == (Severity.ERROR, None)


def test_another_version_is_one_finding(tmp_path: Path) -> None:
    here, there = Environment(tmp_path / "here"), Environment(tmp_path / "there")
    here.add("many", "1.0", {f"many/m{number}.py": "a = 1\n" for number in range(30)} | {"many/__init__.py": ""})
    there.add("many", "2.0", {f"many/m{number}.py": "a = 2\n" for number in range(40)} | {"many/__init__.py": ""})
    found = [one for one in beside(here.snapshot(), there.snapshot()) if one.severity is Severity.ERROR]
    assert codes(found) == {"distribution-differs"}
    assert found[0].message == "expected the same many in each door, found: here 1.0, there 2.0"
    assert found[0].paths == ("site/many-1.0.dist-info", "site/many-2.0.dist-info")


def test_an_unknown_version_differs_from_a_missing_distribution(clean: bytes) -> None:
    def versionless(document: dict[str, Any]) -> None:
        del document["distributions"][0]["version"]

    def gone(document: dict[str, Any]) -> None:
        del document["distributions"][0]

    found = only("distribution-differs", beside(edited(clean), edited(clean, versionless), edited(clean, gone)))
    assert found.message.endswith("found: here 1.0, there unknown, elsewhere none")
