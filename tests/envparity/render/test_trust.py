"""Tests of the sentences that say what the files of each door (an environment) were compared with."""

from dataclasses import replace

from report_samples import TRACED, sample

from envparity.judge.trust import Amount, Trust
from envparity.render.trust import door_lines, trust_lines
from envparity.render.write import render


def test_each_door_has_a_line() -> None:
    venv, nix = trust_lines(sample())
    assert venv == (
        "venv: traced 2,099 files (76.5 MB) to the hashes in v0.4.txt; of these, 99 files (0.5 MB) to wheels that the "
        "project built again; compared 12 files (3,000 bytes) only with RECORD, so a change that also rewrites RECORD "
        "cannot be found there. Not judged: the code in 1,583 files (22.0 MB) of bytecode (--bytecode judges it) and "
        "10 files (14,497 bytes) made together with the environment."
    )
    assert nix == (
        "nix: compared 0 files (0 bytes) with RECORD; a change that also rewrites RECORD cannot be found without "
        "--artefacts. Every file was judged."
    )


def test_from_outside_the_python_that_judges_bytecode_is_named() -> None:
    trust = Trust(unjudged={"bytecode header": Amount(2, 5)})
    door = replace(sample().doors[0], trust=trust, level="outside", python="cpython 3.11.2")
    (line,) = door_lines(replace(sample(), doors=(door,)))
    assert line.endswith("of bytecode (--bytecode judges it if envparity runs with cpython 3.11.2).")


def test_one_line_for_each_door_also_has_the_comparison_with_the_lock() -> None:
    facts = "versions of 56 distributions; no hashes of wheels, because the lock has none"
    venv, nix = door_lines(replace(sample(), doors=(replace(sample().doors[0], compared=facts), sample().doors[1])))
    assert venv.startswith(f"venv: 56 distributions as v0.4.txt pins them ({facts}). Traced 2,099 files (76.5 MB) to ")
    assert nix.startswith("nix: compared 0 files (0 bytes) with RECORD; ")


def test_every_kind_of_file_has_words() -> None:
    kinds = ("bytecode header", "made with the environment", "the system's", "not judged")
    door = replace(sample().doors[0], trust=Trust(unjudged={kind: Amount(1, 5) for kind in kinds}))
    (line,) = trust_lines(replace(sample(), doors=(door,)))
    assert line.count("1 file (5 bytes)") == len(kinds)


def test_every_format_has_the_lines() -> None:
    for form in ("terminal", "markdown", "sarif", "html"):
        assert "2,099 files (76.5 MB)" in render(sample(), form)
    assert f'"files": {TRACED.judged["lock"].files}' in render(sample(), "json")
