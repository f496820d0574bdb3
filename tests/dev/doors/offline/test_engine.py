"""Tests of installing a Docker engine from Debian's packages: under which conditions, and which packages."""

from pathlib import Path

import pytest
from docker_kit import NO_COMPOSE_ENGINE, NO_ENGINE_HOW, DockerFolders
from programs import line_of, put

from dev.doors.engine import Engine
from dev.doors.offline import engine as module
from dev.doors.offline.engine import ensure_engine

GOOD = 'case "$1" in version) echo 26.1.5 ;; esac'


def test_without_root_the_error_says_how_to_get_an_engine(
    docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(docker_folders.first, "apt-get", f"echo asked >> {docker_folders.second}/asked")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert line_of(ensure_engine) == f"engine: {NO_COMPOSE_ENGINE}; {NO_ENGINE_HOW}"
    assert not (docker_folders.second / "asked").exists()


def test_on_another_system_the_error_says_how_to_get_an_engine(
    docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert docker_folders.first.is_dir()
    assert line_of(ensure_engine).endswith(NO_ENGINE_HOW)


def test_an_existing_engine_is_kept_and_nothing_is_installed(
    docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(docker_folders.first, "docker", GOOD)
    put(docker_folders.first, "apt-get", f"echo asked >> {docker_folders.second}/asked")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert ensure_engine() == Engine(str(first))
    assert not (docker_folders.second / "asked").exists()


def test_a_podman_without_compose_does_not_replace_a_stopped_docker(
    docker_folders: DockerFolders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The devcontainer needs compose, so the machine's Docker is started although a Podman works."""
    runs = tmp_path / "runs"
    docker = put(
        docker_folders.first,
        "docker",
        f'case "$1 $2" in "version --format") test -e {runs} && echo 26.1.5 || {{ echo down >&2; exit 1; }} ;; esac',
    )
    put(docker_folders.first, "podman", 'case "$1" in version) echo 4.3.1 ;; compose) exit 125 ;; esac')
    put(docker_folders.first, "apt-get", f"echo asked >> {docker_folders.second}/asked")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    put(docker_folders.first, "dockerd", "")
    monkeypatch.setattr(module, "_start", runs.touch)
    assert ensure_engine() == Engine(str(docker))
    assert runs.exists()
    assert not (docker_folders.second / "asked").exists()


def test_the_packages_of_the_engine_are_installed(
    docker_folders: DockerFolders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only four packages come from the newer Debian release, trixie."""
    monkeypatch.setenv("PATH", f"{docker_folders.first}:/usr/bin:/bin")
    seen = tmp_path / "seen"
    put(
        docker_folders.first,
        "apt-get",
        'if [ "$1" = indextargets ]; then\n'
        "  echo 'http://elsewhere/security|bookworm-security|Packages'\n"
        "  echo 'http://mirror/debian|bookworm|DEP-11'\n"
        "  echo 'http://mirror/debian|bookworm|Packages'\n"
        "  exit\n"
        "fi\n"
        f'echo "$DEBIAN_FRONTEND" "$@" >> {seen}\n'
        'for one in "$@"; do\n'
        '  case $one in\n    Dir::Etc::sourceparts=*) cat "${one#*=}/engine.list" ;;\n'
        f'    Dir::Etc::preferences=*) cat "${{one#*=}}" ;;\n  esac\ndone >> {seen}',
    )
    module.install()
    update, install = seen.read_text().split("noninteractive ")[1:]
    assert update.startswith("update -qq -o Dir::Etc::sourcelist=/")
    assert install.splitlines()[0].endswith(
        " docker.io docker-cli docker-buildx docker-compose iptables ca-certificates"
    )
    assert "--no-install-recommends" in install
    for said in (update, install):
        assert "signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror/debian trixie main\n" in said
        assert "Package: *\nPin: release n=trixie\nPin-Priority: -10\n" in said
        assert "Package: docker.io docker-cli docker-buildx docker-compose\nPin: release n=trixie\n" in said
    folder = Path(update.partition("sourceparts=")[2].partition(" ")[0])
    assert not folder.exists()


def test_a_failed_installation_is_one_line(docker_folders: DockerFolders) -> None:
    put(
        docker_folders.first,
        "apt-get",
        'if [ "$1" = indextargets ]; then echo "http://mirror/debian|bookworm|Packages"; exit; fi\n'
        "echo 'E: You do not have enough free space in /var/cache/apt/archives/.' >&2; exit 100",
    )
    said = line_of(module.install)
    assert said == (
        "engine: expected apt-get update to succeed, found: "
        "E: You do not have enough free space in /var/cache/apt/archives/."
    )


def test_a_debian_without_an_archive_is_one_line(docker_folders: DockerFolders) -> None:
    put(docker_folders.first, "apt-get", "echo 'http://mirror/debian|trixie|Packages'")
    assert "expected the main archive of Debian 12 in the sources of apt, found none" in line_of(module.install)
