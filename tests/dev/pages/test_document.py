"""The document is what the recorded runs say, and says nothing that they do not."""

import re
from dataclasses import replace

import pytest

from dev.command.errors import CommandError
from dev.evidence.runs import Evidence
from dev.incident.expect import ERROR
from dev.lockenv.project import Project
from dev.pages.document import documents, unsupported


def text(evidence: Evidence, project: Project) -> str:
    return next(text for path, text in documents(evidence, project).items() if path.suffix == ".md")


def test_the_documents_are_what_the_recorded_runs_say(evidence: Evidence, project: Project) -> None:
    for path, made in documents(evidence, project).items():
        assert path.read_text(encoding="utf-8") == made, f"{path.name} is not up to date: run scripts/why"


def test_what_it_has_to_tell(evidence: Evidence, project: Project) -> None:
    told = " ".join(text(evidence, project).split())
    for words in (
        "multiaddr 0.1.0, 2025-10-27 14:22 UTC",
        "whichever distribution wrote a file last",
        "366 bytes, is in a file named `=0.8.2`",
        "`pip check` | exit 0 | exit 1 |",
        "An override",
        "The later libraries",
        "the collision stays, the failure hides",
        "## What an upstream fix would be",
        "| `CI=true` |",
        "typing-extensions",
        "## Where the usual account is inaccurate",
        ERROR,
    ):
        assert words in told
    for when, release in (
        ("2025-12-07 17:19", "multiaddr 0.1.1"),
        ("2025-12-17 19:29", "py-multihash 3.0.0"),
        ("2025-12-19 16:54", "py-cid 0.4.0"),
    ):
        assert f"| {when} | {release} |" in told


def test_each_figure_follows_the_runs(evidence: Evidence, project: Project) -> None:
    """A run with other figures makes another document: none is written by hand."""
    races = tuple(
        replace(one, runs=977, won={"pymultihash": 911, "py-multihash": 55}, torn=11) for one in evidence.incident.races
    )
    workaround = evidence.incident.workaround
    strays = tuple(replace(one, size=98765) for one in workaround.strays)
    other = replace(
        evidence,
        incident=replace(evidence.incident, races=races, cpus=57, workaround=replace(workaround, strays=strays)),
        before=replace(evidence.before, effort=replace(evidence.before.effort, resolutions=4242)),
        fresh=replace(evidence.fresh, locked=8181, errors={"path-contested": 31}),
    )
    # What happens at one concurrency alone is no race, as the incident knows it.
    made = text(
        replace(other, incident=replace(other.incident, races=(*races[:-1], evidence.incident.races[-1]))), project
    )
    for words in (
        "977 times",
        "| 911 | 55 | 11 |",
        "on 57 CPUs",
        "98765 bytes",
        "4242 resolutions",
        "8181 distr",
        "31 `path",
    ):
        assert words in " ".join(made.split())


def test_a_run_that_does_not_show_what_is_said_makes_no_document(evidence: Evidence, project: Project) -> None:
    assert list(unsupported(evidence)) == []
    quiet = tuple(replace(one, gained=()) for one in evidence.before.events)
    cured = [
        replace(one, seen=replace(one.seen, contested=())) if one.cure.name == "multiaddr pinned" else one
        for one in evidence.cures.tried
    ]
    for other, said in (
        (
            replace(evidence, before=replace(evidence.before, events=quiet)),
            "multiaddr 0.1.0 alone to bring a collision",
        ),
        (replace(evidence, bisection=replace(evidence.bisection, events=())), "the bisection to find multiaddr 0.1.0"),
        (replace(evidence, after=replace(evidence.after, remaining=())), "the collision to be there still"),
        (replace(evidence, cures=replace(evidence.cures, tried=tuple(cured))), "the pin of multiaddr alone"),
    ):
        with pytest.raises(CommandError, match=f"^the document: expected the runs to show what it says, .*{said}"):
            documents(other, project)


def test_a_build_that_does_not_show_what_is_said_makes_no_document(evidence: Evidence, project: Project) -> None:
    def but(name: str, status: int, said: str) -> Evidence:
        outcomes = [
            replace(one, status=status, said=said) if one.name == name else one for one in evidence.toolchain.outcomes
        ]
        return replace(evidence, toolchain=replace(evidence.toolchain, outcomes=tuple(outcomes)))

    for other, says in (
        (but("fastecdsa", 1, "no"), "of the build fastecdsa: no failure, found: no"),
        (but("fastecdsa-without-libgmp-dev", 1, "no"), "fatal error: gmp.h: .*, found: no"),
        (but("coincurve-without-cmake", 0, "Installed"), "Could not find CMake .*, found: none"),
    ):
        with pytest.raises(CommandError, match=says):
            documents(other, project)


def test_the_toolchains_page_follows_the_runs(evidence: Evidence, project: Project) -> None:
    builds = replace(evidence.toolchain, python="3.11.99", uv="9.8.7", as_of="2031-01-02T00:00:00Z")
    made = documents(replace(evidence, toolchain=builds), project)[project.root / "docs" / "toolchain.md"]
    for words in ("its own Python 3.11.99", "by uv 9.8.7", "that of 2031-01-02"):
        assert words in " ".join(made.split())
    for one in builds.outcomes:
        assert f"| {one.what} | {one.without} | " in made
        assert f"| `{one.said}` |" in made


def test_the_performance_page_follows_the_run(evidence: Evidence, project: Project) -> None:
    run = evidence.performance
    names = [one.name for one in run.implementations]
    assert {"v0.4", "v0.8", "js", "go", "rust"} == set(names)
    pairs = [
        replace(one, ping_rtt=one.ping_rtt and ((7.0,) if one.dialer == "v0.8" else (0.5,)))
        for one in run.pairs
        if (one.dialer, one.listener) != ("js", "go")
    ]
    pairs.append(replace(run.find("js", "go"), failed=("no pong",)))
    other = replace(evidence, performance=replace(run, day="2031-01-02", pairs=tuple(pairs)))
    made = documents(other, project)[project.root / "docs" / "performance.md"]
    pings = made.partition("## `ping_rtt`")[2]
    assert "| v0.8 |" + " 7.00 |" * 5 in pings
    assert "| go |" + " 14.0 |" * 5 in pings
    assert "Recorded on 2031-01-02" in made
    assert f"- js x go: 1 of {run.runs} did not pass: `no pong`" in made
    assert [one for one in run.pairs if one.limit]
    for one in run.pairs:
        if one.limit:
            assert f"- {one.dialer} x {one.listener}: {one.limit}\n" in made


def test_nothing_recorded_names_an_address_or_a_place(evidence: Evidence, project: Project) -> None:
    for path in (project.root / "account" / "recorded").iterdir():
        assert re.findall(r"\w+://[^\"\s]*|/tmp/[^\"\s]*|/home/[^\"\s]*|/root/[^\"\s]*", path.read_text()) == [], path
    assert re.findall(r"\w+://\S*", text(evidence, project)) == []


def test_nothing_of_the_track_reads_the_old_builds_variable(project: Project) -> None:
    """As the document says of `CI=true`."""
    reads = re.compile(rb"""(?:environ(?:\.get\(|\[)|getenv\()\s*['"]CI['"]""")
    site = next((project.environment("v0.4") / "lib").glob("python3*")) / "site-packages"
    assert [path for path in site.rglob("*.py") if reads.search(path.read_bytes())] == []


def test_the_picture_is_the_history_of_the_release_before(evidence: Evidence, project: Project) -> None:
    made = next(text for path, text in documents(evidence, project).items() if path.suffix == ".svg")
    assert "History of libp2p==0.3.0" in made
    assert "2025-10-27 14:22, multiaddr 0.1.0" in made
