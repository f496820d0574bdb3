"""Tests that docs/reference/toolchain.md agrees with the recorded builds.

Each build ran with and without a tool, such as the C compiler, and its result is stored.
"""

from dataclasses import replace

import pytest

from dev.command.errors import CommandError
from dev.evidence.builds import Builds
from dev.evidence.runs import Evidence
from dev.lockenv.project import Project
from dev.pages.toolchain import FAILS, contradictions, left_out, toolchain_page, what_was_built


def test_without_a_tool_the_recorded_build_fails_and_says_so(evidence: Evidence) -> None:
    assert list(contradictions(evidence.toolchain)) == []
    assert {one.name for one in evidence.toolchain.outcomes if one.status == 1} == set(FAILS)
    assert {name for name in FAILS if "without" in name} >= {"fastecdsa-without-libgmp-dev", "git-uv-without"}


def test_a_build_that_contradicts_the_page_is_an_error(evidence: Evidence, project: Project) -> None:
    def but(name: str, status: int, said: str) -> Builds:
        outcomes = [
            replace(one, status=status, said=said) if one.name == name else one for one in evidence.toolchain.outcomes
        ]
        return replace(evidence.toolchain, outcomes=tuple(outcomes))

    for other, says in (
        (but("fastecdsa", 1, "no"), "of the build fastecdsa: no failure, found: no"),
        (but("fastecdsa-without-libgmp-dev", 1, "no"), "fatal error: gmp.h: .*, found: no"),
        (but("coincurve-without-cmake", 0, "Installed"), "Could not find CMake .*, found: none"),
    ):
        with pytest.raises(CommandError, match=says):
            toolchain_page(other, project)


def test_the_page_follows_the_recorded_builds(evidence: Evidence, project: Project) -> None:
    builds = replace(evidence.toolchain, python="3.11.99", uv="9.8.7", as_of="2031-01-02T00:00:00Z")
    made = toolchain_page(builds, project)
    for words in ("Debian's own Python 3.11.99", "with uv 9.8.7", "the versions that existed on 2031-01-02"):
        assert words in " ".join(made.split())
    for one in builds.outcomes:
        assert f"| {what_was_built(one)} | {left_out(one)} | " in made
        assert f"| `{one.said}` |" in made
