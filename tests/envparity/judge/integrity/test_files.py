"""Tests of findings (errors and notes) about files that differ from their RECORD, or that no RECORD lists."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from environment_builder import Environment, record_hash
from judging import codes, edit_record, edited, of, only, put, subject

from envparity.judge.findings import Finding
from envparity.judge.integrity import check
from envparity.judge.judgement import check as check_all
from envparity.judge.rules import Severity


def judge(environment: Environment) -> list[Finding]:
    return list(check(subject(environment.snapshot())))


def test_every_altered_file_of_a_distribution_is_one_finding(sound: Environment) -> None:
    for name in ("core.py", "data.txt", "__init__.py"):
        (sound.site / "alpha" / name).write_text("changed\n")
    (sound.site / "beta.py").write_text("changed\n")
    found = of("file-altered", judge(sound))
    assert [(one.distributions, len(one.paths)) for one in found] == [(("alpha",), 3), (("beta",), 1)]


def test_an_altered_script_outside_the_site_folder(sound: Environment) -> None:
    (sound.folder / "bin" / "alpha").write_text("#!/bin/sh\n")
    assert only("file-altered", judge(sound)).paths == ("scripts/alpha",)


def test_a_size_that_differs_from_record_is_an_alteration(sound: Environment) -> None:
    edit_record(sound, lambda text: text.replace(",12\n", ",13\n"))
    one = only("file-altered", judge(sound))
    assert "site/alpha/core.py is 12 bytes long, expected 13 (RECORD)" in one.message


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        ("md6=abc", "cannot be judged by its RECORD, whose hash is unknown: md6"),
        ("sha256=!!", "cannot be judged by its RECORD, whose hash is malformed: "),
        ("sha512=" + "A" * 86, "has different bytes, expected 000000000000 (RECORD)"),
    ],
)
def test_hashes_of_other_kinds(digest: str, said: str, sound: Environment) -> None:
    data = (sound.site / "alpha/core.py").read_bytes()
    edit_record(sound, lambda text: text.replace(record_hash(data), digest))
    found = only("file-altered", judge(sound))
    assert found.paths == ("site/alpha/core.py",)
    assert found.message.startswith(f"alpha 1.0: site/alpha/core.py {said}")


def test_a_folder_in_the_place_of_a_file_is_reported(sound: Environment) -> None:
    (sound.site / "alpha/core.py").unlink()
    (sound.site / "alpha/core.py").mkdir()
    found = judge(sound)
    assert any("site/alpha/core.py" in one.paths and one.severity is Severity.ERROR for one in found)


def test_a_missing_file_is_reported_for_both_claimants(sound: Environment) -> None:
    sound.add("gamma", files={"alpha/core.py": "answer = 42\n"})
    assert judge(sound) == [], "the same bytes twice do no harm"
    (sound.site / "alpha/core.py").unlink()
    assert [one.distributions for one in of("file-missing", judge(sound))] == [("alpha",), ("gamma",)]


def test_files_that_no_record_lists_are_reported(sound: Environment) -> None:
    for name in ("alpha/extra.py", "alpha/deep/er.txt", "lonely.py", "gone-1.0.dist-info/METADATA", ".hidden"):
        path = sound.site / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("Name: gone\nVersion: 1.0\n")
    found = of("file-extraneous", judge(sound))
    paths = {path for one in found for path in one.paths}
    assert {"site/alpha/extra.py", "site/alpha/deep/er.txt"} <= paths
    assert [sorted(one.paths) for one in found if "site/alpha/extra.py" in one.paths] == [
        ["site/alpha/deep/er.txt", "site/alpha/extra.py"]
    ]


def test_a_broken_link_is_reported(sound: Environment) -> None:
    path = sound.site / "alpha/core.py"
    path.unlink()
    path.symlink_to("nowhere.py")
    found = judge(sound)
    assert any("site/alpha/core.py" in one.paths and one.severity is Severity.ERROR for one in found)


def test_renamed_in_case_is_neither_missing_nor_extraneous(sound: Environment) -> None:
    (sound.site / "beta.py").rename(sound.site / "Beta.py")
    assert codes(judge(sound)) == {"file-renamed"}


def test_problems_of_the_probe_are_reported(clean: bytes) -> None:
    one = subject(edited(clean, put(("problems",), ["site: Permission denied"])))
    found = only("file-unreadable", check(one))
    assert (found.message, found.paths) == ("site: Permission denied", ("site",))


def test_files_outside_the_importable_folders_are_notes(sound: Environment) -> None:
    (sound.folder / "notes.txt").write_text("")
    (sound.folder / "bin" / "mine").write_text("")
    assert only("file-unowned", judge(sound)).paths == ("data/notes.txt", "scripts/mine")


def test_file_names_that_are_no_text_are_escaped(sound: Environment) -> None:
    (Path(str(sound.site).encode().decode()) / "alpha" / "\udcff.py").write_text("")
    (sound.site / "alpha" / "a\x1b[2J.py").write_text("")
    paths = only("file-extraneous", judge(sound)).paths
    assert set(paths) == {"site/alpha/\\xff.py", "site/alpha/a\\x1b[2J.py"}


def test_a_stray_file_next_to_a_distribution_without_record(sound: Environment) -> None:
    """A file that no RECORD lists is reported if it is in a package whose files a RECORD lists.

    In any other folder, the file may belong to the distribution without RECORD.
    """
    sound.add("quiet", files={"quiet/__init__.py": ""}, record=False)
    sound.add("deep", files={"space/within/deep/__init__.py": "", "space/within/deep/core/one.py": ""})
    for name in (
        "alpha/stray.py",  # in a package of alpha
        "space/within/deep/more/stray.py",  # in a package of deep, inside a namespace package
        "space/within/else/stray.py",  # in a new folder of the namespace package
        "space/stray.py",  # in the namespace package itself
        "lonely/stray.py",
        "quiet/more.py",
    ):
        path = sound.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    told = {path for one in of("file-extraneous", judge(sound)) for path in one.paths}
    assert told == {"site/alpha/stray.py", "site/space/within/deep/more/stray.py", "site/space/stray.py"}


def test_a_link_in_the_place_of_a_folder_is_one_finding(sound: Environment) -> None:
    moved = sound.folder.parent / "elsewhere"
    (sound.site / "alpha").rename(moved)
    (sound.site / "alpha").symlink_to(moved)
    one = only("file-link", judge(sound))
    assert one.message == (
        "alpha 1.0: expected a folder, found a link: site/alpha; 3 installed files are behind the link"
    )
    assert (one.paths, one.distributions, one.doors) == (("site/alpha",), ("alpha",), ("here",))
    assert codes(judge(sound)) == {"file-link"}


def test_a_special_file_is_an_alteration(sound: Environment) -> None:
    (sound.site / "alpha/core.py").unlink()
    os.mkfifo(sound.site / "alpha/core.py")
    one = only("file-altered", judge(sound))
    assert one.message == "alpha 1.0: site/alpha/core.py is not a regular file"


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"alpha": "sha256:00", "beta": "sha256:00"}, True),  # both RECORDs list the same hash; the file has another
        ({"alpha": "sha256:00", "beta": "sha256:11"}, False),  # different RECORDs are a finding of another module
        ({"alpha": "sha256:00", "beta": "match"}, False),
        ({"alpha": "unread"}, False),
        ({"alpha": "unhashed", "beta": "sha256:00"}, True),
    ],
)
@pytest.mark.parametrize("kind", ["file", "link"])
def test_wrong_bytes_of_one_claimant_are_an_alteration(
    kind: str, claims: dict[str, str], told: bool, clean: bytes
) -> None:
    file = {"kind": kind, "claims": claims, "sha256": "a" * 64, "size": 1}
    changed = edited(clean, put(("files", "site/alpha/core.py"), file))
    found = of("file-altered", check(subject(changed)))
    assert [one.paths for one in found] == ([("site/alpha/core.py",)] if told else [])
    if told:
        assert found[0].distributions == (next(who for who, verdict in claims.items() if verdict != "unhashed"),)


@pytest.mark.parametrize("kind", ["file", "folder", "unknown", "link"])
def test_unreadable_paths_are_reported_by_kind(kind: str, clean: bytes) -> None:
    file = {"kind": kind, "error": "Permission denied", "claims": {}}
    changed = edited(clean, put(("files", "site/alpha/closed"), file))
    told = [one.message for one in of("file-unreadable", check(subject(changed)))]
    assert told == (["site/alpha/closed: Permission denied"] if kind != "link" else [])
    # An unreadable link still counts as a file that no RECORD lists. Nothing is known about other unreadable paths.
    assert ("file-extraneous" in codes(check(subject(changed)))) is (kind == "link")


@pytest.mark.parametrize(("target", "told"), [("data/share", False), ("scripts/alpha", False), ("/usr/share", True)])
def test_a_link_outside_the_importable_folders(target: str, told: bool, clean: bytes) -> None:
    file = {"kind": "link", "target": target, "claims": {}}
    changed = edited(clean, put(("files", "data/lib64"), file))
    assert ("file-unowned" in codes(check(subject(changed)))) is told


def test_easy_install_pth_next_to_an_editable_install_is_no_finding(sound: Environment) -> None:
    (sound.site / "easy-install.pth").write_text("/home/me/alpha\n")
    assert only("file-extraneous", judge(sound)).paths == ("site/easy-install.pth",)
    url = '{"url": "file:///home/me/beta", "dir_info": {"editable": true}}'
    (sound.site / "beta-2.0.dist-info" / "direct_url.json").write_text(url)
    told = {path for one in of("file-extraneous", judge(sound)) for path in one.paths}
    assert "site/easy-install.pth" not in told


def test_a_setting_that_jupyter_changed_is_a_note(empty: Environment) -> None:
    # `ipython kernel install --sys-prefix` writes over the kernel.json of ipykernel's wheel.
    kernel, setting = "../../../share/jupyter/kernels/python3/kernel.json", "../../../etc/jupyter/nbconfig/x.json"
    removed, core = "../../../share/jupyter/kernels/old/kernel.json", "../../../share/jupyter/lab/static/core.js"
    empty.add("kernel", files={"kernel.py": "", **dict.fromkeys((kernel, setting, removed, core), "{}\n")})
    for path in (kernel, setting):
        (empty.site / path).write_text('{"argv": []}\n')
    (empty.site / removed).unlink()
    for name in ("share/jupyter/nbextensions/x.js", "etc/jupyter/x.json", "uv-receipt.toml", ".project"):
        (empty.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (empty.folder / name).write_text("")
    found = judge(empty)
    assert {one.severity for one in found} == {Severity.NOTE}
    assert codes(found) == {"file-altered", "file-missing", "file-unowned"}
    (empty.site / core).write_text("altered\n")
    one = next(one for one in judge(empty) if one.severity is Severity.ERROR)
    assert (one.code, one.paths) == ("file-altered", ("data/share/jupyter/lab/static/core.js",))


def test_a_script_that_pipx_isolates_from_other_modules_is_unaltered(sound: Environment) -> None:
    script = sound.folder / "bin" / "alpha"
    text = script.read_text()
    for option in (" -E", " -sE", " -I", " -IP"):
        script.write_text(text.replace("python\n", f"python{option}\n", 1))
        assert judge(sound) == []
    for line in (" -c", " -E -c", " -m", " evil.py"):
        script.write_text(text.replace("python\n", f"python{line}\n", 1))
        assert only("file-altered", judge(sound)).paths == ("scripts/alpha",)
    script.write_text(text.replace("python\n", "python -E\n", 1) + "import os\n")
    assert only("file-altered", judge(sound)).paths == ("scripts/alpha",)


def test_the_path_file_of_pipx_is_a_note_if_it_runs_no_code(sound: Environment) -> None:
    path = sound.site / "pipx_shared.pth"
    path.write_text("/home/me/.local/share/pipx/shared/lib/python3.11/site-packages\n")
    one = only("file-extraneous", judge(sound))
    assert one.severity is Severity.NOTE
    assert "written by pipx" in one.message
    path.write_text("import evil\n")
    assert only("file-extraneous", judge(sound)).severity is Severity.ERROR


def test_the_cache_of_a_program_in_a_pycache_folder_is_one_note(sound: Environment) -> None:
    cache = sound.site / "alpha" / "__pycache__"
    cache.mkdir()
    for name in ("core.f-2.py311.nbi", "core.f-2.py311.1.nbc", "core.cpython-311.pyc.139986"):
        (cache / name).write_bytes(b"cache")
    (sound.site / "__pycache__").mkdir()
    (sound.site / "__pycache__" / "beta.f-1.py311.nbi").write_bytes(b"cache")
    one = only("file-extraneous", judge(sound))
    assert (one.severity, len(one.paths)) == (Severity.NOTE, 4)
    (cache / "evil.py").write_text("")
    errors = [one for one in judge(sound) if one.severity is Severity.ERROR]
    assert [one.paths for one in errors] == [("site/alpha/__pycache__/evil.py",)]


def test_bytecode_next_to_its_source_is_no_finding(sound: Environment) -> None:
    subprocess.run([sound.python, "-I", "-m", "compileall", "-q", "-b", sound.site], check=True)
    assert (sound.site / "alpha" / "core.pyc").is_file()
    assert codes(check_all(subject(sound.snapshot()))) == {"unlocked"}
    (sound.site / "alpha" / "core.py").unlink()  # now Python imports the bytecode
    assert {"file-extraneous", "file-missing"} <= codes(judge(sound))


def test_the_folder_of_an_editable_install_in_the_environment_is_no_finding(empty: Environment) -> None:
    folder = empty.folder / "src" / "alpha"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "alpha.py").write_text("")
    info = empty.add("alpha", files={"alpha.pth": f"{folder}\n"})
    direct = {"url": f"file://{folder}", "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(direct))
    assert codes(judge(empty)) == {"file-extraneous"}  # only direct_url.json, which RECORD does not list
    note = only("editable", check_all(subject(empty.snapshot())))
    assert "its code is in data/src/alpha, which no RECORD lists" in note.message
