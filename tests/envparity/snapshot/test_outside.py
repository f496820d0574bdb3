"""Tests of the doors that are read from outside: which texts name them, and how they are compared with others.

A door is a way to reach an environment. From outside, no program of the environment is started.
"""

import gzip
import os
from pathlib import Path

import pytest
from archives import docker_save, entry, oci_files, tar, write_files
from environment_builder import Environment
from judging import codes

from envparity.errors import EnvparityError
from envparity.judge.session import check_door, compare_doors, list_doors
from envparity.project.config import Config, find_config
from envparity.snapshot.doors import Look, find_door, is_there, snapshot_bytes
from envparity.snapshot.outside import Outside, Source, find_source

NO_RUN = Outside(no_run=True)


def source(text: str, root: Path, outside: Outside | None = None) -> Source | None:
    return find_source(text, root, outside or Outside())


def test_archives_layouts_and_roots_are_sources_by_what_they_contain(tmp_path: Path) -> None:
    for name, data in {"a": docker_save(tar(entry("x"))), "b": gzip.compress(b"x"), "c": tar(entry("x"))}.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(0o755)  # on some file systems every file can be executed
        assert source(name, tmp_path) == Source("archive", str(tmp_path / name))
    write_files(tmp_path / "layout", oci_files(tar(entry("x"))))
    assert source("layout", tmp_path) == Source("layout", str(tmp_path / "layout"))
    write_files(tmp_path / "root", {"etc/passwd": b"", "usr/bin/x": b""})
    assert source("root", tmp_path) == Source("root", str(tmp_path / "root"))


def test_names_of_the_engine_and_a_folder_after_a_mark(tmp_path: Path) -> None:
    assert source("image:app:1", tmp_path) == Source("image", "app:1")
    assert source("container:app", tmp_path) == Source("container", "app")
    assert source("image:app:1#/app/.venv", tmp_path) == Source("image", "app:1", "/app/.venv")
    assert source("root:x", tmp_path) == Source("root", str(tmp_path / "x"))
    with pytest.raises(EnvparityError, match="expected a name after image:, found none"):
        source("image:", tmp_path)


def test_a_folder_and_a_python_are_sources_only_if_nothing_may_run(sound: Environment) -> None:
    for text in (str(sound.folder), str(sound.python)):
        assert source(text, Path("/")) is None
        assert source(text, Path("/"), NO_RUN) == Source("folder", str(sound.folder))


def test_other_texts_name_no_source(tmp_path: Path) -> None:
    (tmp_path / "saved.json").write_text("{}")
    for text in ("saved.json", "none", "x" * 5000, "a\0b", "docker run image"):
        assert source(text, tmp_path, NO_RUN) is None


def test_no_door_starts_a_program_with_no_run(sound: Environment, tmp_path: Path) -> None:
    config = Config(root=tmp_path, doors={"venv": "none/bin/python", "box": "ssh box python"})
    for text in ("box", "venv", "x=ssh box python"):
        with pytest.raises(EnvparityError, match=r"\(--no-run\), found the command"):
            find_door(text, config, None, NO_RUN)
    at = config.with_outside({"box": str(sound.folder), "venv": "none"})
    assert find_door("box", at, None, NO_RUN).source == Source("folder", str(sound.folder))
    assert find_door("box", at, None).command == ("ssh", "box", "python")
    with pytest.raises(EnvparityError, match="door venv: expected an environment, an image or an archive at 'none'"):
        find_door("venv", at, None, NO_RUN)


def test_nothing_in_the_environment_runs(sound: Environment) -> None:
    (sound.site / "hook.pth").write_text(f"import os; open({str(sound.folder / 'ran')!r}, 'w').close()\n")
    (sound.folder / "bin" / "git").write_text(f"#!/bin/sh\ntouch {sound.folder / 'ran'}\n")
    (sound.folder / "bin" / "git").chmod(0o755)
    report = check_door(Config(root=sound.folder), str(sound.folder), None, Look(outside=NO_RUN), locked=False)
    assert report.doors[0].level == "outside"
    assert not (sound.folder / "ran").exists()
    assert report.tools == {}


def test_an_interpreter_that_cannot_run_is_judged_all_the_same(sound: Environment) -> None:
    """A file without the permission to execute stands for a binary of another machine."""
    binary = sound.folder / "bin" / "python-own"
    binary.write_bytes(Path(os.path.realpath(sound.python)).read_bytes())
    for name in ("python", "python3"):
        (sound.folder / "bin" / name).unlink(missing_ok=True)
        (sound.folder / "bin" / name).symlink_to(binary.name)
    binary.chmod(0o644)
    report = check_door(Config(root=sound.folder), str(sound.folder), None, Look(outside=NO_RUN), locked=False)
    assert report.doors[0].distributions == 2


def test_inside_and_outside_of_one_environment_do_not_differ(sound: Environment, tmp_path: Path) -> None:
    config = Config(root=sound.folder, outside={"out": str(sound.folder)}, doors={"out": "none"})
    saved = tmp_path / "saved.json"
    saved.write_bytes(snapshot_bytes(find_door("out", config, None, NO_RUN), config, None, Look(outside=NO_RUN)))
    report = compare_doors(config, [f"in={sound.folder}", f"saved={saved}"], None, Look(), locked=False)
    assert [door.level for door in report.doors] == ["inside", "outside"]
    assert codes(report.findings) <= {"unlocked", "startup-code"}
    assert {row[1] for row in report.tools.values()} == {"unknown"}


def test_an_altered_file_is_found_from_outside(sound: Environment) -> None:
    (sound.site / "alpha.py").write_text("altered = 1\n")
    report = check_door(Config(root=sound.folder), str(sound.folder), None, Look(outside=NO_RUN), locked=False)
    assert "file-altered" in codes(report.findings) or any("alpha.py" in str(one.paths) for one in report.errors)


def test_the_project_says_where_its_doors_are(sound: Environment, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.envparity]\n[tool.envparity.doors]\nbox = 'ssh box python'\nimage = 'image:app:{track}'\n"
        f"[tool.envparity.outside]\nbox = '{sound.folder}'\n"
    )
    config = find_config(tmp_path)
    assert find_door("box", config, None, NO_RUN).source == Source("folder", str(sound.folder))
    assert find_door("image", config, "v1").source == Source("image", "app:v1")
    assert is_there(find_door("box", config, None, NO_RUN), config)
    assert "image  program" in list_doors(config, "v1")
