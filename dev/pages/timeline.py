"""docs/pictures/why-the-environments-differed.svg: the recorded history of libp2p 0.3.0, drawn as a timeline."""

from dev.evidence.runs import read_evidence
from dev.lockenv.project import Project
from envparity.render.history.timeline import as_svg


def render(_project: Project) -> str:
    """Return the drawing as SVG; CommandError if the recorded history cannot be read."""
    return as_svg(read_evidence().before)
