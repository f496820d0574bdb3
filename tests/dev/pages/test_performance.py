"""Tests that the page on performance agrees with the recorded run, the stored measurement of all implementations."""

from dataclasses import replace

from dev.evidence.runs import Evidence
from dev.pages.performance import limit_of, performance_page


def test_the_performance_page_follows_the_run(evidence: Evidence) -> None:
    run = evidence.performance
    names = [one.name for one in run.implementations]
    assert {"v0.4", "v0.8", "js", "go", "rust"} == set(names)
    pairs = [
        replace(one, ping_rtt=one.ping_rtt and ((7.0,) if one.dialer == "v0.8" else (0.5,)))
        for one in run.pairs
        if (one.dialer, one.listener) != ("js", "go")
    ]
    pairs.append(replace(run.find("js", "go"), failed=("no pong",)))
    made = performance_page(replace(run, day="2031-01-02", pairs=tuple(pairs)))
    pings = made.partition("## `ping_rtt`")[2]
    assert "| v0.8 |" + " 7.00 |" * 5 in pings
    assert "| go |" + " 14.0 |" * 5 in pings
    assert "The run was recorded on 2031-01-02 on " in " ".join(made.split())
    assert f"- dialer js, listener go: 1 of {run.runs} did not pass: `no pong`" in made
    assert [one for one in run.pairs if one.limit]
    for one in run.pairs:
        if one.limit:
            assert f"- dialer {one.dialer}, listener {one.listener}: {limit_of(one)}\n" in made
