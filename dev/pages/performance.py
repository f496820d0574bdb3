"""docs/reference/performance.md: how long a dial takes, for each pair of implementations in a recorded run.

An implementation is a version of py-libp2p (a track) or a libp2p program in another language (a peer).
"""

from dev.evidence.runs import read_evidence
from dev.lockenv.project import Project
from dev.matrix.dialing import FIGURES, Dialing, Dials
from dev.matrix.limits import known_limits
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
        limit=limit_of,
        told=[one for one in dialing.pairs if one.limit or one.failed],
        milliseconds=lambda figure: "" if figure is None else f"{figure:.2f}",
        multiple=lambda ratio: "" if ratio is None else f"{ratio:.1f}",
    )


def limit_of(pair: Dials) -> str:
    """Return the cause of a pair's known limit as dev/matrix/limits.toml has it now; empty if the pair has no limit.

    A cause begins with a place in the library's code, for example `libp2p 0.4.0 security/tls/io.py:141`. If limits.toml
    no longer has a cause with this place, return the recorded cause.
    """
    place = pair.limit.partition(": ")[0]
    return next((one.cause for one in known_limits() if one.cause.partition(": ")[0] == place), pair.limit)
