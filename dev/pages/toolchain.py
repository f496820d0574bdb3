"""docs/reference/toolchain.md: the tools that no Python lock pins, and which builds need each tool.

The page lists the tools behind each door, which is one way into an environment: venv, docker, devcontainer or nix.
"""

from collections.abc import Iterator

from dev.command.errors import CommandError
from dev.doors.bases import pinned_base, pinned_redis
from dev.doors.pins import packages
from dev.evidence.builds import Builds, ExperimentResult
from dev.evidence.runs import read_evidence
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from dev.lockenv.support import read_support
from dev.pages.door_toolchains import read_door_toolchains, tool_rows
from dev.pages.templates import render_template
from envparity.text import listed

# Maps each build that must fail to a part of its error line. The sentences of the page rely on these failures.
FAILS = {
    "coincurve-cffi": "exactly one LICENSE file in cffi",
    "coincurve-debians-cmake": "Could not find CMake with version >=3.26",
    "coincurve-without-cmake": "Could not find CMake with version >=3.26",
    "coincurve-without-pkg-config": "Could NOT find PkgConfig",
    "coincurve-without-source": "FETCHCONTENT_FULLY_DISCONNECTED is set",
    "fastecdsa-import": "libgmp.so.10: cannot open shared object file",
    "fastecdsa-without-gcc": "No such file or directory: 'x86_64-linux-gnu-gcc'",
    "fastecdsa-without-libgmp-dev": "fatal error: gmp.h: No such file or directory",
    "fastecdsa-without-python3.11-dev": "fatal error: Python.h: No such file or directory",
    "git-pip-without": "Cannot find command 'git'",
    "git-uv-without": "Git executable not found",
}


# Texts of the page. A key is the name of an experiment, or a text of the recorded runs that the page replaces.
_WHAT = {"fastecdsa-import": "the import of fastecdsa, after its build"}
_LEFT_OUT = {
    "all": "every tool",
    "nothing": "no tool",
    "coincurve-cffi": "an older cffi, which the build needs; it got the pinned cffi instead",
    "coincurve-fetching": "cmake at the start; the build was allowed to download it",
    "coincurve-without-source": "libsecp256k1; the build was not allowed to download it",
}


def what_was_built(one: ExperimentResult) -> str:
    """Return the page's words for the program that an experiment built or started."""
    return _WHAT.get(one.name, one.what)


def left_out(one: ExperimentResult) -> str:
    """Return the page's words for the tool that an experiment did not have."""
    return _LEFT_OUT.get(one.name) or _LEFT_OUT.get(one.without, one.without)


def render(project: Project) -> str:
    """Return the text of the page from the recorded builds.

    Raises CommandError if a recorded build contradicts FAILS, which has the failures that the page describes.
    """
    return toolchain_page(read_evidence().toolchain, project)


def toolchain_page(builds: Builds, project: Project) -> str:
    """Return the text of the page for `builds`. Raises CommandError if `builds` contradict a sentence of the page."""
    if wrong := list(contradictions(builds)):
        page = "docs/reference/toolchain.md"
        raise CommandError(f"{page}: expected recorded builds that support it, found: {'; '.join(wrong)}")
    lock = read_lock(project.lock(project.default_track))
    return render_template(
        "toolchain.md.j2",
        builds=builds,
        doors=read_door_toolchains(project),
        tools=tool_rows(project),
        bases={python: pinned_base(project, track) for track, python in project.pythons.items()},
        redis=pinned_redis(project),
        supported=read_support(project.root, project.pythons_of("tools")),
        series=project.toolchain.python_series,
        flags=project.toolchain.build_environment,
        bytecode=project.toolchain.bytecode,
        rest=listed([name for name in lock.built if name != "fastecdsa"]),
        track=project.default_track,
        wheels=builds.find(f"wheels-{project.default_track}").said.split()[1],
        what=what_was_built,
        left_out=left_out,
        cffi=lock.pins["cffi"].version,
        coincurve=lock.pins["coincurve"].version,
        cmake=packages(project)["toolchain"]["cmake"].partition("-")[0],
    )


def contradictions(builds: Builds) -> Iterator[str]:
    """Yield a line for each build that unexpectedly passes, unexpectedly fails, or fails with an unexpected error."""
    failed = {one.name: one.said for one in builds.outcomes if one.status != 0}
    for name in sorted({*failed, *FAILS}):
        if name not in failed or FAILS.get(name, "\n") not in failed[name]:
            wanted, found = FAILS.get(name, "no failure"), failed.get(name, "none")
            yield f"expected of the build {name}: {wanted}, found: {found}"
