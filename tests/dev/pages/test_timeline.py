"""The drawing of the recorded history."""

from dev.lockenv.project import Project
from dev.pages.timeline import render


def test_the_picture_is_the_history_of_the_release_before(project: Project) -> None:
    made = render(project)
    assert "History of libp2p==0.3.0" in made
    assert "2025-10-27 14:22, multiaddr 0.1.0" in made
