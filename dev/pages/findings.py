"""docs/reference/findings.md: every code of a finding, its meaning, and how to fix a finding with this code.

A finding is one problem or difference that envparity reports.
"""

from dev.evidence.runs import read_evidence
from dev.lockenv.project import Project
from dev.pages.templates import render_template
from envparity.fix.fixes import WITHOUT_COMMAND
from envparity.judge.registry import FAMILIES


def render(_project: Project) -> str:
    """Return the text of the page; `envparity explain CODE` prints the same texts."""
    families = {family.rules.family: {rule.code: rule for rule in family.rules} for family in FAMILIES}
    examples = {one.code: one for one in read_evidence().examples}
    return render_template("findings.md.j2", families=families, examples=examples, without=WITHOUT_COMMAND)
