"""Tests of the drawing of the recorded history."""

from dev.lockenv.project import Project
from dev.pages.timeline import render


def test_the_picture_shows_the_recorded_history(project: Project) -> None:
    made = render(project)
    assert "History of libp2p==0.3.0" in made
    assert "2025-10-27 14:22, multiaddr 0.1.0" in made
