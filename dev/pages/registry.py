"""The list of every page of docs/ that `scripts/docs` writes."""

from importlib import import_module

from dev.lockenv.project import Project

PAGES = {
    "commands.md": "dev.pages.commands",
    "findings.md": "dev.pages.findings",
    "licences.md": "dev.pages.licences",
    "limits.md": "dev.pages.limits",
    "performance.md": "dev.pages.performance",
    "toolchain.md": "dev.pages.toolchain",
    "why-the-environments-differed.md": "dev.pages.why",
    "why-the-environments-differed.svg": "dev.pages.timeline",
}
"""The name of each file in docs/, and the module whose `render(project)` returns the file's text.

To drop a page, delete its module, its template and its line here.
"""


def render_page(name: str, project: Project) -> str:
    """Return the text of one page; CommandError if a source of the page is missing or contradicts the page."""
    text: str = import_module(PAGES[name]).render(project)
    return text
