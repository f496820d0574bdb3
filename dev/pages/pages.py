"""Each page and its text."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dev.lockenv.project import Project
from dev.pages.commands import WIDTH, Command
from dev.pages.limits import limits
from envparity.judge.registry import FAMILIES


def pages(project: Project, told: Sequence[Command]) -> dict[Path, str]:
    """What docs/ has to hold of each; `told` is every command with its help."""
    folder = project.root / "docs"
    families = {family.rules.family: {rule.code: rule for rule in family.rules} for family in FAMILIES}
    return {
        folder / "commands.md": _render("commands.md.j2", commands=told, width=WIDTH),
        folder / "findings.md": _render("findings.md.j2", families=families),
        folder / "limits.md": _render("limits.md.j2", limits=list(limits(project))),
    }


def _render(name: str, **values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701 - Markdown of our own data
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(values)
