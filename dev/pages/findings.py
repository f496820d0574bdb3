"""docs/findings.md: every finding code of envparity, with what it means and how to fix it."""

from dev.lockenv.project import Project
from dev.pages.templates import render_template
from envparity.judge.codes import RULES, Family


def render(_project: Project) -> str:
    """Return the page; `envparity explain CODE` prints the same words."""
    families = {family: {code: rule for code, rule in RULES.items() if rule.family is family} for family in Family}
    return render_template("findings.md.j2", families=families)
