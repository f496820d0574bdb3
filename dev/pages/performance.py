"""docs/reference/performance.md: the duration of a dial, from the recorded run in which all implementations dial.

An implementation is a version of py-libp2p (a track) or a libp2p program in another language (a peer).
"""

from dev.evidence.runs import read_evidence
from dev.lockenv.project import Project
from dev.matrix.dialing import FIGURES, Dialing
from dev.pages.templates import render_template


def render(_project: Project) -> str:
    """Return the text of the page from the recorded run. Raises CommandError if the run cannot be read."""
    return performance_page(read_evidence().performance)


def performance_page(dialing: Dialing) -> str:
    """Return the text of the page for the run `dialing`."""
    names = [one.name for one in dialing.implementations]
    tracks = [one.name for one in dialing.implementations if one.library == "py-libp2p"]
    return render_template(
        "performance.md.j2",
        dialing=dialing,
        figures=FIGURES,
        names=names,
        tracks=tracks,
        others=[one.library for one in dialing.implementations if one.name not in tracks],
        versions=[f"{one.library} {one.version}" for one in dialing.implementations],
        told=[one for one in dialing.pairs if one.limit or one.failed],
        milliseconds=lambda figure: "" if figure is None else f"{figure:.2f}",
        multiple=lambda ratio: "" if ratio is None else f"{ratio:.1f}",
    )
