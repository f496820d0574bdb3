"""Tests of doors: envparity finds a door by its name or path, opens it, and refuses any other text.

A door is a command that starts a Python, and this Python reads the probe from standard input. The probe prints a
snapshot, which has the facts about the environment.
"""

import ast
import json
from pathlib import Path

import pytest
from environment_builder import Environment

from envparity.errors import EnvparityError
from envparity.probe.assembly import probe_text
from envparity.project.config import BehaviourCheck, Config
from envparity.snapshot.doors import (
    Door,
    Look,
    find_door,
    is_there,
    open_door,
    open_doors,
    probe_settings,
    snapshot_bytes,
)
from envparity.snapshot.types import decode_snapshot

LOOK = Look(behaviour=False, timeout=60)


def script(folder: Path, text: str, name: str = "door") -> str:
    """Write a shell script that serves as a door, and return its path. `text` is the body of the script."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def opened(tmp_path: Path, text: str, look: Look = LOOK, python: str = "python3") -> bytes:
    text = text.replace("PYTHON", python)
    config = Config(root=tmp_path)
    return snapshot_bytes(find_door(f"door={script(tmp_path, text)}", config, None), config, None, look)


# Tests of finding a door.


def test_a_door_of_the_project_has_its_track_filled_in(tmp_path: Path) -> None:
    config = Config(
        root=tmp_path,
        doors={"venv": ".venv-{track}/bin/python", "nix": "nix develop '.#{track_}' --command python", "a=b": "c d"},
    )
    assert find_door("venv", config, "v0.4-git") == Door("venv", (".venv-v0.4-git/bin/python",))
    assert find_door("nix", config, "v0.4-git") == Door("nix", ("nix", "develop", ".#v0_4_git", "--command", "python"))
    assert find_door("a=b", config, None) == Door("a=b", ("c", "d"))
    with pytest.raises(
        EnvparityError, match=r"^door venv: expected --track TRACK, because '.venv-\{track\}/bin/python'"
    ):
        find_door("venv", config, None)


def test_folders_pythons_and_snapshots_are_doors(
    empty: Environment, clean: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(root=Path("/"))
    saved = empty.folder.parent / "saved.json"
    saved.write_bytes(clean)
    python = str(empty.python)
    assert find_door(str(empty.folder), config, None) == Door(str(empty.folder), (python,))
    assert find_door(python, config, None) == Door(python, (python,))
    assert find_door(str(saved), config, None) == Door("saved", saved=saved)
    for text in (str(empty.folder), python):
        assert find_door(f"mine={text}", config, None) == Door("mine", (python,))
    assert find_door(f"mine={saved}", config, None) == Door("mine", saved=saved)
    monkeypatch.chdir(empty.folder.parent)
    assert find_door("environment", config, None) == Door("environment", (python,))
    assert find_door("x=environment", config, None) == Door("x", (python,))


def test_a_command_with_a_name_is_a_door(tmp_path: Path) -> None:
    config = Config(root=tmp_path)
    assert find_door("box=ssh host 'a b' python", config, None) == Door("box", ("ssh", "host", "a b", "python"))
    assert find_door("box=env A=b python", config, None) == Door("box", ("env", "A=b", "python"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            "door: expected a door of pyproject.toml (venv, docker), a saved snapshot, the folder of an environment, ",
        ),
        ("nowhere", "door: expected a door of pyproject.toml (venv, docker), a saved snapshot"),
        ("=python", "door: expected a door of pyproject.toml (venv, docker)"),
        ("./nowhere=python", "door: expected a door of pyproject.toml (venv, docker)"),
        ("x=", "door x: expected a command, found an empty text"),
        ("x=''", "door x: expected a command, found an empty text"),
        ("x=python 'a", 'door x: expected a command, found "python \'a": No closing quotation'),
        ("x=\x1b[2J'", "door x: expected a command, found "),
        ("a\0b", "door: expected a door of pyproject.toml"),
        ("y" * 5000, "door: expected a door of pyproject.toml"),
        ("nothing-in-it", "nothing-in-it: expected an environment with bin/python in it, found none"),
        ("x=nothing-in-it", "nothing-in-it: expected an environment with bin/python in it, found none"),
    ],
)
def test_a_text_that_is_no_door_gives_a_one_line_error(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing-in-it").mkdir()
    with pytest.raises(EnvparityError) as caught:
        find_door(text, Config(root=tmp_path, doors={"venv": "x", "docker": "y"}), None)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_door_of_the_project_that_is_misquoted_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"^door nix: expected a command, found"):
        find_door("nix", Config(root=tmp_path, doors={"nix": "nix 'develop"}), None)


def test_a_door_is_present_if_this_machine_has_its_program(empty: Environment, tmp_path: Path) -> None:
    config = Config(root=tmp_path)
    assert is_there(Door("x", ("sh", "-c")), config)
    assert is_there(Door("x", ("environment/bin/python",)), config)
    assert not is_there(Door("x", ("gone/bin/python",)), config)
    assert not is_there(Door("x", ("no-such-program-anywhere",)), config)
    assert not is_there(Door("x", saved=tmp_path / "gone.json"), config)
    assert is_there(Door("x", saved=empty.python), config)


# Tests of opening a door.


def test_a_door_returns_the_snapshot_of_the_probe(sound: Environment) -> None:
    config = Config(root=sound.folder.parent)
    door = find_door("venv", Config(root=config.root, doors={"venv": "environment/bin/python"}), None)
    assert snapshot_bytes(door, config, None, LOOK) == sound.snapshot_bytes()
    assert open_door(door, config, None, LOOK) == sound.snapshot()


@pytest.mark.parametrize(
    "text",
    [
        'echo Welcome; echo "{}"; PYTHON "$@"',
        'printf "no end of line"; PYTHON "$@"',
        'PYTHON "$@"; echo goodbye; echo "{}"',
        'PYTHON "$@"; printf "\\377\\0goodbye"',
        'echo "a warning" >&2; PYTHON "$@"; echo "another" >&2',
        'PYTHON "$@" | sed "s/$/\\r/"',
        'echo \'{"schema":"envparity-snapshot-1","of":"yesterday"}\'; PYTHON "$@"',
        'exec PYTHON "$@"',
    ],
)
def test_other_output_around_the_snapshot_is_ignored(text: str, bare: Environment, tmp_path: Path) -> None:
    data = opened(tmp_path, text, python=str(bare.python))
    assert data.startswith(b'{"schema":"envparity-snapshot-1"')
    assert data.endswith(b"}\n")
    assert b"\r" not in data
    decode_snapshot(data, "door")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('PYTHON "$@"; echo "the cleanup failed" >&2; exit 3', "-I -S - ended with exit status 3: the cleanup failed"),
        ("echo 'Error: \\033[31mno such container' >&2; exit 125", "status 125: Error: \\x1b[31mno such container"),
        ("exit 1", "-I -S - ended with exit status 1"),
        ("kill -9 $$", "-I -S - ended with exit status -9"),
        (":", "printed no snapshot, expected a Python of 3.8 or later that reads its program from standard input"),
        ("cat > /dev/null; echo hello", "printed no snapshot, expected a Python"),
        ("echo 'python: not found' >&2", "printed no snapshot: python: not found"),
        ('PYTHON "$@" | head -c 300', "printed an incomplete snapshot"),
        ('PYTHON "$@" | head -c 20', "printed no snapshot"),
        ('PYTHON "$@" | head -c 300; echo; echo bye', "printed an incomplete snapshot"),
        ("exec PYTHON -c 'raise SystemExit(\"no\")'", "ended with exit status 1: no"),
    ],
)  # fmt: skip
def test_a_door_without_a_snapshot_gives_a_one_line_error(
    text: str, said: str, bare: Environment, tmp_path: Path
) -> None:
    with pytest.raises(EnvparityError) as caught:
        opened(tmp_path, text, python=str(bare.python))
    assert str(caught.value).startswith("door door: ")
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_door_that_prints_only_a_part_is_opened_again(bare: Environment, tmp_path: Path) -> None:
    first, second = (f'mkdir {tmp_path}/{name} 2>&-; then PYTHON "$@" | head -c 300' for name in "12")
    text = f'if {first}; elif {second}; else exec PYTHON "$@"; fi'
    decode_snapshot(opened(tmp_path, text, python=str(bare.python)), "door")
    assert (tmp_path / "2").exists()


def test_a_door_that_hangs_gives_a_one_line_error(tmp_path: Path) -> None:
    with pytest.raises(
        EnvparityError, match=r"^door door: expected a snapshot in 0\.2 s, found none; allow more time with --timeout$"
    ):
        opened(tmp_path, "exec sleep 40", Look(behaviour=False, timeout=0.2))


def test_a_missing_or_unusable_program_gives_an_error(tmp_path: Path) -> None:
    config = Config(root=tmp_path)
    (tmp_path / "file").write_text("")
    for command, said in (
        ("gone/bin/python", "expected the program gone/bin/python, found none on this machine"),
        ("no-such-program-anywhere", "expected the program no-such-program-anywhere, found none on this machine"),
        (f"{tmp_path}/file", f"expected to run {tmp_path}/file, found: Permission denied"),
        (f"{tmp_path}/.", f"expected to run {tmp_path}, found: Permission denied"),
    ):
        with pytest.raises(EnvparityError) as caught:
            snapshot_bytes(Door("x", (command,)), config, None, LOOK)
        assert str(caught.value).startswith(f"door x: {said}")


def test_a_saved_snapshot_is_returned_unchanged(clean: bytes, tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    path.write_bytes(clean.replace(b",", b", "))
    door = Door("saved", saved=path)
    assert snapshot_bytes(door, Config(root=tmp_path), None, LOOK) == path.read_bytes()
    path.write_bytes(clean[:1000])
    with pytest.raises(EnvparityError, match=r"saved.json: expected a snapshot .*truncated"):
        snapshot_bytes(door, Config(root=tmp_path), None, LOOK)
    path.unlink()
    with pytest.raises(EnvparityError, match=r"saved.json: expected a saved snapshot, found: No such file"):
        snapshot_bytes(door, Config(root=tmp_path), None, LOOK)


def test_snapshots_of_several_doors_keep_the_order_of_the_doors(
    sound: Environment, clean: bytes, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    saved.write_bytes(clean)
    late = script(tmp_path, f'sleep 0.3; exec {sound.python} "$@"', "late")
    doors = [Door("late", (late,)), Door("saved", saved=saved), Door("venv", (str(sound.python),))]
    first, second, third = (one.snapshot for one in open_doors(doors, Config(root=tmp_path), None, LOOK))
    assert first == third
    assert second == decode_snapshot(clean, "clean")


def test_the_first_door_that_fails_ends_all_others(tmp_path: Path) -> None:
    doors = [Door("slow", (script(tmp_path, "exec sleep 40", "slow"),)), Door("shut", (script(tmp_path, "exit 9"),))]
    with pytest.raises(EnvparityError, match=r"^door shut: .* ended with exit status 9$"):
        open_doors(doors, Config(root=tmp_path), None, LOOK)


# Tests of the settings that the probe gets.


def test_the_probe_gets_the_settings_of_the_project(tmp_path: Path) -> None:
    config = Config(
        root=tmp_path,
        behaviour=(BehaviourCheck("all", 'result = "\\"}{"\n'), BehaviourCheck("two", "result = 2", tracks=("two",))),
        probes={"weaver": {"command": ["weaver"], "pattern": "(.+)"}},
    )

    def settings(look: Look, track: str | None) -> dict[str, object]:
        line = next(
            one for one in probe_text(probe_settings(config, track, look)).splitlines() if one.startswith("SETTINGS = ")
        )
        read: dict[str, object] = json.loads(ast.literal_eval(line.removeprefix("SETTINGS = ")))
        return read

    assert settings(Look(timeout=50), None) == {
        "behaviour": [["all", 'result = "\\"}{"\n']],
        "behaviour_timeout": 50,
        "toolchain": config.probes,
        "bytecode": False,
    }
    assert [name for name, _ in settings(Look(), "two")["behaviour"]] == ["all", "two"]  # type: ignore[attr-defined]
    assert settings(Look(behaviour=False, bytecode=True), "two")["behaviour"] == []
    assert settings(Look(behaviour=False, bytecode=True), "two")["bytecode"] is True


def test_the_probe_runs_behaviour_checks_and_further_tools(empty: Environment, tmp_path: Path) -> None:
    weaver = script(tmp_path, "echo weaver 4.2", "weaver")
    config = Config(
        root=tmp_path,
        behaviour=(BehaviourCheck("sum", "result = 2 + 2"), BehaviourCheck("bad", "import nothing_of_that_name")),
        probes={"weaver": {"command": [weaver], "pattern": r"weaver (\S+)"}},
    )
    found = open_door(Door("x", (str(empty.python),)), config, None, Look())
    assert found.toolchain["weaver"] == "4.2"
    assert found.behaviour["sum"].value == "4"
    assert (found.behaviour["bad"].error or "").startswith("ModuleNotFoundError")
