"""Tests of the comparison of envparity with the tools, with locks that the tests write."""

from pathlib import Path

import pytest

from dev.quality.locks import compare as module
from dev.quality.locks.compare import Result, compare
from dev.quality.locks.entry import Entry, entry
from dev.quality.locks.exports import Export
from dev.quality.locks.target import Target
from dev.quality.locks.toolbox import Toolbox, ToolError

LINES = "alpha==1.0 --hash=sha256:{}\nbeta==2.0 ; sys_platform == 'win32'\n"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(LINES.format("a" * 64))
    return path


def test_a_lock_that_both_read_alike_is_equal(lock: Path, tools: Toolbox) -> None:
    outcome = compare(lock, tools)
    assert (outcome.tool, outcome.result, outcome.reason, outcome.equal) == ("pip", Result.EQUAL, "", 6)


def test_every_kind_of_difference_is_found(lock: Path, tools: Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = entry("alpha", version="1.0", hashes=frozenset({"sha256:" + "a" * 64}))
    beta = entry("beta", version="2.0")
    cases: dict[str, frozenset[Entry]] = {
        "envparity read alpha ==1, the tool read no alpha": frozenset({beta}),
        "envparity read alpha ==1, the tool read alpha ==1.1": frozenset({entry("alpha", version="1.1"), beta}),
        "envparity read alpha ==1, the tool read alpha a folder": frozenset({entry("alpha", local=True), beta}),
        "alpha ==1: envparity read 1 hashes, the tool read 2": frozenset(
            {entry("alpha", version="1.0", hashes=alpha.hashes | {"sha256:bb"}), beta}
        ),
        "envparity read no gamma, the tool read gamma ==3": frozenset({alpha, beta, entry("gamma", version="3")}),
    }
    for said, theirs in cases.items():

        def answer(target: Target, theirs: frozenset[Entry] = theirs) -> frozenset[Entry]:
            return frozenset(one for one in theirs if one.name != "beta" or target.name == "win32")

        monkeypatch.setattr(module, "export_of", lambda _, answer=answer: Export("test", lambda *_: answer))
        outcome = compare(lock, tools)
        assert outcome.result is Result.DIFFERENT
        assert outcome.reason == f"{said} (6 times)"


def test_a_lock_that_only_the_tool_reads_differs(lock: Path, tools: Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    lock.write_text("alpha>=1\n")
    monkeypatch.setattr(module, "export_of", lambda _: Export("test", lambda *_: lambda _target: frozenset()))
    outcome = compare(lock, tools)
    assert outcome.result is Result.DIFFERENT
    assert outcome.reason.startswith(f"envparity said: {lock}, line 1: expected one version pinned with ==")


def test_the_reason_comes_from_the_tool(lock: Path, tools: Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> frozenset[Entry]:
        raise ToolError("it is Tuesday")

    monkeypatch.setattr(module, "export_of", lambda _: Export("test", lambda *_: refuse))
    outcome = compare(lock, tools)
    assert (outcome.result, outcome.reason, outcome.equal) == (Result.EXPLAINED, "it is Tuesday (6 times)", 0)
    monkeypatch.setattr(module, "export_of", lambda _: Export("test", lambda *_: refuse, lambda _lock: ">=4"))
    assert compare(lock, tools).reason == "no Python that the comparison knows fits >=4 (6 times)"
