"""docs/reference/why-evidence.md: tables of the recorded runs that support the page of dev/pages/why.py."""

from dev.evidence.runs import Evidence, read_evidence
from dev.lockenv.project import Project
from dev.pages.templates import render_template
from dev.pages.why import page_values


def render(project: Project) -> str:
    """Return the text of the page from the recorded runs. Raises CommandError if the runs contradict the page."""
    return evidence_page(read_evidence(), project)


def evidence_page(evidence: Evidence, project: Project) -> str:
    """Return the text of the page for `evidence`. Raises CommandError if the runs contradict a sentence of the page."""
    return render_template("why-evidence.md.j2", **page_values(evidence, project))
