"""Tests of how the probe (the program that reads an environment) reads the metadata of distributions.

The metadata is broken, missing or hostile, in each of its formats: dist-info, egg-info and eggs.
"""

import json
import os
import zipfile

import pytest
from environment_builder import Environment
from probing import only_distribution, wrong


@pytest.mark.parametrize(
    ("metadata", "problems"),
    [
        (b"", ("no Name in its metadata", "no Version in its metadata")),
        (b"Name: alpha\n", ("no Version in its metadata",)),
        (b"\xff\xfe\x00N\x00a", ("no Name in its metadata", "no Version in its metadata")),
        (b"Name:\nVersion:\n", ("no Name in its metadata", "no Version in its metadata")),
        (b"\n\nName: alpha\nVersion: 1.0\n", ("no Name in its metadata", "no Version in its metadata")),
        (None, ("METADATA: missing",)),
    ],
)
def test_broken_metadata_is_reported(empty: Environment, metadata: bytes | None, problems: tuple[str, ...]) -> None:
    path = empty.add("alpha") / "METADATA"
    path.unlink() if metadata is None else path.write_bytes(metadata)
    found = only_distribution(empty.probe())
    assert (found.name, found.version, found.problems) == ("alpha", "1.0", problems)


def test_metadata_is_read_as_the_specification_says(empty: Environment) -> None:
    info = empty.add("alpha")
    info.joinpath("METADATA").write_bytes(
        b"Metadata-Version: 2.1\r\nNAME: Alpha\r\nVersion: 1.0\r\nSummary: a\x0cName: other\r\n"
        b"Requires-Dist: b\xff>1\r\nRequires-Dist: a\r\nProvides-Extra: x\r\n folded: no field\r\n\r\nName: body\r\n"
    )
    found = only_distribution(empty.probe())
    assert (found.name, found.requires, found.extras, found.problems) == ("Alpha", ("a", "b\\xff>1"), ("x",), ())


def test_enormous_metadata_is_not_read(empty: Environment) -> None:
    path = empty.add("alpha") / "METADATA"
    with path.open("ab") as file:
        file.truncate(17 << 20)
    assert only_distribution(empty.probe()).problems[0].startswith("METADATA: ")


def test_names_are_cut_to_a_length_that_can_be_shown(empty: Environment) -> None:
    info = empty.add("alpha")
    info.joinpath("METADATA").write_text(f"Name: {'a' * 100000}\nVersion: {'1' * 100000}\n", encoding="ascii")
    found = only_distribution(empty.probe())
    assert (len(found.name), len(found.version or "")) == (200, 200)


def test_direct_url_is_kept_without_its_secrets(empty: Environment) -> None:
    info = empty.add("alpha", record=False)
    for url, shown in (
        ("https://user:pass@word@host.example/a.whl?token=1#x", "https://host.example/a.whl"),
        ("https://token@host.example/a.whl", "https://host.example/a.whl"),
        ("git+ssh://git@host.example/a.git", "git+ssh://host.example/a.git"),
        ("file:///home/somebody/a", "file:"),
    ):
        value = {"url": url, "vcs_info": {"commit_id": "abc", "requested_revision": "v1"}, "subdirectory": "x"}
        info.joinpath("direct_url.json").write_text(json.dumps(value), encoding="ascii")
        snapshot = empty.probe()
        found = only_distribution(snapshot).direct_url
        assert found == {"url": shown, "kind": "commit", "commit": "abc", "revision": "v1", "subdirectory": "x"}
        assert snapshot.located.sources == ({"alpha": url} if shown == "file:" else {})


def test_the_hash_of_an_archive_is_in_direct_url_or_in_the_end_of_its_url(empty: Environment) -> None:
    info = empty.add("alpha", record=False)
    for url, archive in (
        ("file:///a.whl", {"hash": "sha256=00"}),
        ("file:///a.whl", {"hashes": {"sha256": "00"}}),
        ("file:///a.whl#sha256=00", {}),
    ):
        info.joinpath("direct_url.json").write_text(json.dumps({"url": url, "archive_info": archive}))
        assert only_distribution(empty.probe()).artefact_hashes == {"sha256:00"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100000,
        '{"a":' * 900 + "1" + "}" * 900,
        "{",
        "[]",
        '{"archive_info": 1}',
        '{"archive_info": {"hash": ["="]}}',
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 4000 + "}",
        '{"a": ' + "9" * 5000 + "}",
        '"\\ud800"',
    ],
)
@pytest.mark.parametrize("name", ["direct_url.json", "provenance_url.json", "uv_build.json"])
def test_hostile_json(empty: Environment, name: str, text: str) -> None:
    empty.add("alpha", record=False).joinpath(name).write_text(text, encoding="ascii")
    found = only_distribution(empty.probe())
    for problem in found.problems:
        assert problem.startswith(f"{name}: ")


def test_an_incomplete_character_is_escaped(empty: Environment) -> None:
    empty.add("alpha").joinpath("uv_build.json").write_text('{"a\\udc80": "\\ud800x"}', encoding="ascii")
    assert only_distribution(empty.probe()).build == {"a\\x80": "\\ud800x"}


def test_eggs_are_read(empty: Environment) -> None:
    info = "Metadata-Version: 1.0\nName: Nest\nVersion: 2.0\n"
    with zipfile.ZipFile(empty.site / "nest-2.0-py3.11.egg", "w", zipfile.ZIP_DEFLATED) as egg:
        egg.writestr("EGG-INFO/PKG-INFO", info)
        egg.writestr("nest.py", "")
    folder = empty.site / "tree-2.0-py3.11.egg"
    for path, text in (
        ("EGG-INFO/PKG-INFO", info.replace("Nest", "Tree")),
        ("EGG-INFO/top_level.txt", "tree\n"),
        ("tree.py", ""),
    ):
        folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(path).write_text(text, encoding="ascii")
    (empty.site / "easy-install.pth").write_text("./tree-2.0-py3.11.egg\n./nest-2.0-py3.11.egg\n", encoding="ascii")
    snapshot = empty.probe()
    assert [(one.name, one.version, one.problems) for one in snapshot.distributions] == [
        ("Nest", "2.0", ()),
        ("Tree", "2.0", ()),
    ]
    assert wrong(snapshot) == {"record-missing"}


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no archive", b"PK\5\6" + b"\xff" * 18])
def test_a_damaged_egg_is_reported(empty: Environment, content: bytes) -> None:
    (empty.site / "nest-2.0.egg").write_bytes(content)
    found = only_distribution(empty.probe())
    assert (found.name, found.version, len(found.problems)) == ("nest", "2.0", 2)


def test_egg_info_is_read_from_a_folder_a_file_and_a_link(empty: Environment) -> None:
    info = "Metadata-Version: 1.0\nName: {}\nVersion: 2.0\n"
    (empty.site / "file-2.0.egg-info").write_text(info.format("file"), encoding="ascii")
    (empty.site / "file.py").write_text("", encoding="ascii")
    folder = empty.site / "folder-2.0.egg-info"
    folder.mkdir()
    (folder / "PKG-INFO").write_text(info.format("folder"), encoding="ascii")
    (folder / "installed-files.txt").write_text(
        "../folder.py\nPKG-INFO\n../gone.py\n../../../../../../x\n", encoding="ascii"
    )
    (empty.site / "folder.py").write_text("", encoding="ascii")
    (empty.site / "linked.egg-link").write_text("/elsewhere\n.\n", encoding="ascii")
    found = empty.probe()
    assert {one.name: (one.record, one.editable) for one in found.distributions} == {
        "file": ("missing", False),
        "folder": ("unhashed", False),
        "linked": ("missing", True),
    }
    assert found.files["site/folder.py"].claims == {"folder": "unhashed"}
    assert found.files["site/gone.py"].kind == "missing"


def test_metadata_that_is_not_a_regular_file_is_reported(empty: Environment) -> None:
    info = empty.add("alpha")
    for name in ("METADATA", "INSTALLER", "WHEEL", "RECORD"):
        (info / name).unlink()
        os.mkfifo(info / name)
    (info / "direct_url.json").mkdir()
    (empty.site / "beta-1.0.dist-info").write_text("a file\n", encoding="ascii")
    (empty.site / "gamma-1.0.dist-info").symlink_to("nowhere")
    alpha, beta, gamma = empty.probe().distributions
    assert "RECORD: not a regular file" in alpha.problems
    assert alpha.record == "malformed"
    assert beta.problems == gamma.problems == ("METADATA: missing",)
