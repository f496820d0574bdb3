"""Tests of the timeline picture: the recorded versions in a fresh install of libp2p 0.3.0 over time."""

from dataclasses import replace

from dev.evidence.runs import Evidence
from dev.lockenv.project import Project
from dev.pages.timeline import caption, render


def test_the_picture_shows_the_recorded_history(project: Project) -> None:
    made = render(project)
    assert "The versions in a fresh install of libp2p 0.3.0, from 2025-10-20 to " in made
    assert (
        "2: 2025-10-27 14:22, multiaddr 0.1.0 is released. It requires py-multihash, which comes in as 2.0.1." in made
    )


def test_the_legend_follows_the_recorded_history(evidence: Evidence) -> None:
    legend = dict(caption(evidence.before).legend)
    assert [kind for kind in legend.values() if kind != "small"] == ["text", "bad", "text", "text", "bad"]
    (_, collides, _, _, remains) = [line for line, kind in legend.items() if kind != "small"]
    assert collides.endswith(
        "From now on, py-multihash 2.0.1 and pymultihash 0.8.2 both write "
        "multihash/__init__.py and multihash/multihash.py."
    )
    assert remains.startswith(
        "On 2026-01-01, py-multihash 3.0.0 and pymultihash 0.8.2 still overwrite each other's files: "
    )


def test_a_history_without_a_collision_has_no_red_line(evidence: Evidence) -> None:
    events = tuple(replace(one, gained=()) for one in evidence.before.events)
    quiet = caption(replace(evidence.before, events=events, remaining=()))
    assert {kind for _, kind in quiet.legend} == {"text", "small"}
