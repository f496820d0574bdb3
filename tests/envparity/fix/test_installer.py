"""Tests of the commands that install distributions and locks, with pip, uv, Poetry, PDM and pipenv."""

import shlex
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sources import make_sources

from envparity.fix.installer import Installer, with_names, without_names
from envparity.project.locks.lock import Choice

BY_PIP = Installer("/v", "/v/bin/python", Counter(pip=3))
BY_UV = Installer("/v", "/v/bin/python", Counter(uv=3, pip=1))
UV = "uv pip install --python /v/bin/python --link-mode copy"


def test_the_installer_of_the_environment_gets_the_commands() -> None:
    assert BY_PIP.install(["a==1"], afresh=True) == (
        "pip --python /v/bin/python install --force-reinstall --no-deps a==1"
    )
    assert BY_UV.install(["a==1"], afresh=True) == f"{UV} --reinstall --no-deps a==1"
    assert BY_UV.install(["a"], afresh=True, deps=True) == f"{UV} --reinstall-package a a"
    assert BY_PIP.install(["a>=1,<2"], deps=True) == "pip --python /v/bin/python install 'a>=1,<2'"
    assert BY_PIP.uninstall(["a", "b"]) == "pip --python /v/bin/python uninstall -y a b"
    assert BY_UV.uninstall(["a"]) == "uv pip uninstall --python /v/bin/python a"


@pytest.mark.git
def test_every_pip_installs_a_commit_of_a_repository_on_this_machine(bundled_pip: list[str], tmp_path: Path) -> None:
    sources = make_sources(tmp_path / "sources")
    repository = sources.repository.replace("localhost", "")  # with the host, old releases of pip read the URL
    by_pip = Installer("/v", bundled_pip[0], Counter(pip=1), has_pip=True)
    specs = [
        f"tagged @ {repository}@v1#subdirectory=tagged",
        f"short @ {repository}@{sources.first[:8]}#egg=short&subdirectory=short",
    ]
    command = shlex.split(by_pip.install(specs, "--target", str(tmp_path / "installed"), "--no-index"))
    subprocess.run(command, check=True)
    assert {path.name for path in (tmp_path / "installed").glob("*.py")} == {"tagged.py", "short.py"}
    assert by_pip.install([f"plain @ git+file:///plain@{sources.first}"]).endswith(
        f"'git+file:///plain@{sources.first}#egg=plain'"
    )


def test_the_environments_own_pip_is_used_if_it_has_one() -> None:
    assert replace(BY_PIP, has_pip=True).pip == "/v/bin/python -m pip"
    assert replace(BY_PIP, python="/my env/bin/python").pip == "pip --python '/my env/bin/python'"


def test_a_lock_without_hashes_is_not_installed_again() -> None:
    plain, hashed = (replace(BY_UV, lock="/p/requirements.txt", is_hashed=one) for one in (False, True))
    assert plain.install_lock() == f"{UV} --no-deps -r /p/requirements.txt"
    assert plain.install_lock_again(["a"]) == ()
    assert hashed.install_lock_again(["a"]) == (
        f"{UV} --no-deps --require-hashes -r /p/requirements.txt --reinstall-package a",
    )
    assert replace(hashed, is_remote=True).install_lock_again(["a"]) == ()


def test_in_an_image_the_lock_is_a_copy() -> None:
    there = replace(BY_PIP, lock="/p/requirements.txt", is_hashed=True, is_remote=True)
    assert (
        there.install_lock() == "pip --python /v/bin/python install --no-deps --require-hashes -r /tmp/requirements.txt"
    )
    assert replace(there, lock="/p/uv.lock").copied_lock is None


def test_pip_uninstalls_first_but_never_itself() -> None:
    by_pip = replace(BY_PIP, lock="/p/requirements.txt", is_hashed=True)
    assert by_pip.install_lock_again(["a"]) == (
        "pip --python /v/bin/python uninstall -y a",
        "pip --python /v/bin/python install --no-deps --require-hashes -r /p/requirements.txt",
    )
    assert by_pip.install_lock_again(["pip"]) == ()


@pytest.mark.parametrize(
    ("lock", "counts", "tool"),
    [
        ("uv.lock", {"uv": 2}, "uv"),
        ("uv.lock", {"pip": 2}, None),
        ("uv.lock", {}, "uv"),
        ("poetry.lock", {"Poetry 2.1.3": 2, "pip": 1}, "poetry"),
        ("poetry.lock", {"pip": 2}, None),
        ("pdm.lock", {"pdm": 2}, "pdm"),
        ("Pipfile.lock", {"pip": 2}, "pipenv"),
        ("requirements.txt", {"pip": 2}, None),
    ],
)
def test_the_tool_of_the_project_is_known_by_its_lock_and_its_installations(
    lock: str, counts: dict[str, int], tool: str | None
) -> None:
    one = replace(BY_PIP, counts=Counter(counts), lock=f"/p/{lock}")
    assert one.tool == tool
    assert replace(one, is_remote=True).tool is None


@pytest.mark.parametrize(
    ("lock", "by", "command"),
    [
        (
            "uv.lock",
            "uv",
            "UV_PROJECT_ENVIRONMENT=/v uv sync --project /p --python /v/bin/python --frozen --inexact --link-mode copy "
            "--group g --extra e",
        ),
        (
            "poetry.lock",
            "Poetry 2.1.3",
            "VIRTUAL_ENV=/v poetry -C /p install --no-interaction --with g --extras e",
        ),
        ("pdm.lock", "pdm", "PDM_PYTHON=/v/bin/python pdm sync -p /p -G g -G e"),
        (
            "Pipfile.lock",
            "pip",
            "VIRTUAL_ENV=/v PIPENV_PIPFILE=/p/Pipfile pipenv sync --categories 'packages g'",
        ),
    ],
)
def test_the_groups_and_extras_are_those_of_the_check(lock: str, by: str, command: str) -> None:
    one = Installer("/v", "/v/bin/python", Counter({by: 1}), lock=f"/p/{lock}", choice=Choice(("g",), extras=("e",)))
    assert one.install_lock() == command


@pytest.mark.parametrize(
    ("lock", "by", "groups", "end"),
    [
        ("uv.lock", "uv", ("g",), " --group g --no-default-groups"),
        ("poetry.lock", "Poetry 2.1.3", ("g",), " --no-interaction --only main --only g"),
        ("pdm.lock", "pdm", (), " pdm sync -p /p --prod"),
    ],
)
def test_the_default_groups_stay_out_as_in_the_check(lock: str, by: str, groups: tuple[str, ...], end: str) -> None:
    choice = Choice(groups, no_default_groups=True)
    one = Installer("/v", "/v/bin/python", Counter({by: 1}), lock=f"/p/{lock}", choice=choice)
    assert (one.install_lock() or "").endswith(end)


def test_in_a_workspace_uv_installs_the_member_of_the_folder() -> None:
    one = replace(BY_UV, lock="/p/uv.lock", choice=Choice(folder=Path("/p/packages/a")))
    assert " --project /p/packages/a " in (one.install_lock() or "")
    assert " --project /p " in (replace(one, choice=Choice(folder=Path("/elsewhere"))).install_lock() or "")


def test_an_environment_is_made_with_the_tool_that_made_it() -> None:
    assert BY_UV.make("/usr/bin/python3.11", sees_base=True) == (
        "uv venv --clear --system-site-packages --python /usr/bin/python3.11 /v",
    )
    assert BY_PIP.make("3.11", sees_base=False) == ("python3.11 -m venv --clear --without-pip /v",)
    by_pipenv = replace(BY_PIP, lock="/p/Pipfile.lock", has_pip=True)
    assert by_pipenv.make("/b/python", sees_base=False) == (
        "/b/python -m venv --clear /v",
        "printf %s /p > /v/.project",
    )


def test_names_can_be_taken_off_a_command_and_added_again() -> None:
    assert without_names("sync -r a --reinstall-package b") == ("sync -r a", ("b",))
    assert with_names("sync -r a", ["b", "c", "b"]) == "sync -r a --reinstall-package b --reinstall-package c"
