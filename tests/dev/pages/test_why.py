"""Tests that docs/concepts/why-the-environments-differed.md agrees with the recorded runs.

A recorded run is the stored result of an experiment; its files are in `dev/evidence/recorded`.
"""

import re
from dataclasses import replace

import pytest

from dev.command.errors import CommandError
from dev.evidence.runs import Evidence
from dev.incident.expect import ERROR
from dev.lockenv.project import Project
from dev.pages.why import PAGE, contradictions, why_page
from dev.pages.why_evidence import evidence_page


def test_the_document_has_all_its_facts(evidence: Evidence, project: Project) -> None:
    text = " ".join(why_page(evidence, project).split())
    for words in (
        ERROR,
        "multiaddr 0.1.0, 2025-10-27 14:22 UTC",
        "The distribution that is installed last overwrites the files of the other distribution.",
        "pip installs py-multihash 2.0.1 last. The `multihash` of this distribution has no `Func`",
        "`pip check` | exit 0 | exit 1 |",
        "**A pin**",
        "**An override**",
        "**A later library**",
        "the failure is hidden, and the collision is still there",
        "would end the collision, at least in some environments, or make it visible:",
    ):
        assert words in text


def test_the_evidence_has_every_recorded_run(evidence: Evidence, project: Project) -> None:
    text = " ".join(evidence_page(evidence, project).split())
    for words in (
        "the output of pip, 366 bytes, into a file named `=0.8.2`",
        "| `CI=true` |",
        "typing-extensions",
        "## Where the usual explanation is wrong",
        ERROR,
    ):
        assert words in text
    for when, release in (
        ("2025-12-07 17:19", "multiaddr 0.1.1"),
        ("2025-12-17 19:29", "py-multihash 3.0.0"),
        ("2025-12-19 16:54", "py-cid 0.4.0"),
    ):
        assert f"| {when} | {release} |" in text
    assert text.count("| passes |") > 5


def test_each_figure_follows_the_runs(evidence: Evidence, project: Project) -> None:
    """Other recorded figures give another document, because no figure is written by hand."""
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
    # The last race keeps its recorded figures. The document shows the race with the most torn results (one file from
    # each distribution), which is not the last race.
    other = replace(other, incident=replace(other.incident, races=(*races[:-1], evidence.incident.races[-1])))
    page, tables = (" ".join(make(other, project).split()) for make in (why_page, evidence_page))
    assert (
        "pymultihash won 911 times, py-multihash won 55 times, and 11 times the folder had one file from each" in page
    )
    for words in (
        "977 times",
        "| 911 | 55 | 11 |",
        "on 57 CPUs",
        "98765 bytes",
        "the requirements 4242 times",
        "8181 distr",
        "- 31 `path",
    ):
        assert words in tables


def test_a_run_that_contradicts_the_document_is_an_error(evidence: Evidence, project: Project) -> None:
    assert list(contradictions(evidence)) == []
    quiet = tuple(replace(one, gained=()) for one in evidence.before.events)
    cured = [
        replace(one, seen=replace(one.seen, contested=())) if one.cure.name == "multiaddr pinned" else one
        for one in evidence.cures.tried
    ]
    for other, said in (
        (
            replace(evidence, before=replace(evidence.before, events=quiet)),
            "only multiaddr 0.1.0 to cause a collision",
        ),
        (replace(evidence, bisection=replace(evidence.bisection, events=())), "the bisection to find multiaddr 0.1.0"),
        (replace(evidence, after=replace(evidence.after, remaining=())), "expected a collision today"),
        (replace(evidence, cures=replace(evidence.cures, tried=tuple(cured))), "the pin of multiaddr alone"),
    ):
        for make in (why_page, evidence_page):
            with pytest.raises(CommandError, match=f"^{PAGE}: expected recorded runs that support it, .*{said}"):
                make(other, project)


def test_no_recorded_run_has_a_url_or_a_folder(evidence: Evidence, project: Project) -> None:
    # The recorded terminals show the homes `you`, an invented person, and `dev`, the user of the devcontainer.
    pattern = r"\w+://[^\"\s]*|/tmp/[^\"\s]*|/home/(?!you/|dev/)[^\"\s]*|/root/[^\"\s]*"
    for path in (project.root / "dev" / "evidence" / "recorded").iterdir():
        assert re.findall(pattern, path.read_text()) == [], path
    assert re.findall(r"\w+://\S*", why_page(evidence, project) + evidence_page(evidence, project)) == []


def test_no_module_of_the_track_reads_the_variable_ci(project: Project) -> None:
    """The document says that no module in the environment of the track v0.4 reads the variable CI."""
    reads = re.compile(rb"""(?:environ(?:\.get\(|\[)|getenv\()\s*['"]CI['"]""")
    site = next((project.environment("v0.4") / "lib").glob("python3*")) / "site-packages"
    assert [path for path in site.rglob("*.py") if reads.search(path.read_bytes())] == []
