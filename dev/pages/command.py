"""`scripts/docs`: writes or checks the generated pages of docs/, repeats the recorded runs, or makes the website."""

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markup import escape

from dev.command.command import Command
from dev.command.errors import CommandError
from dev.evidence.faults.examples import record_examples
from dev.evidence.record import record, record_builds, record_performance
from dev.evidence.runs import FOLDER, write_evidence, write_run
from dev.evidence.terminal import record_terminal
from dev.lockenv.project import Project, this_project
from dev.pages import toolchain, why
from dev.pages.dockerfiles import dockerfiles
from dev.pages.installed import installed
from dev.pages.picture import take_pictures
from dev.pages.registry import PAGES, render_page
from dev.pages.schemas import schemas
from dev.pages.site.build import build_site
from envparity.errors import EnvparityError

Tell = Callable[[str], None]
_INSTALLS = 30  # How often the incident repeats an install, for each number of wheels that uv installs at once.


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _docs(options: Namespace) -> int:
    project = this_project()
    if options.site:
        build_site(project, options.site.absolute())
        return 0
    if options.record:
        with Console(stderr=True).status("starting", spinner="line") as status:
            _RECORDS[options.record](project, lambda text: status.update(escape(text)))
    made = {project.root / "docs" / name: render_page(name, project) for name in options.page or PAGES}
    if not options.page:
        made |= {project.root / name: text for name, text in (schemas() | installed() | dockerfiles(project)).items()}
    stale = [path for path, text in made.items() if not path.is_file() or path.read_bytes() != text.encode()]
    for path in stale:
        name = path.relative_to(project.root)
        if options.check:
            print(f"scripts/docs: {name}: expected the text that its sources give, found another; run scripts/docs")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
            print(name)
    return 1 if options.check and stale else 0


def _record_all(project: Project, tell: Tell) -> None:
    """Repeat the runs that `record` makes. Raises CommandError if a run fails or if the new runs contradict a page.

    The runs take minutes. Therefore runs that contradict a page are not lost: this function writes them to the folder
    `why` of the cache.
    """
    with TemporaryDirectory(prefix="docs-") as name:
        scratch = Path(name) / "tmp"
        scratch.mkdir()
        # Installers write their temporary files to TMPDIR. An interrupted installer leaves them there, and this block
        # removes the folder.
        os.environ["TMPDIR"] = str(scratch)
        made = record(project, Path(name), _INSTALLS, tell)
    wrong = [*why.contradictions(made), *toolchain.contradictions(made.toolchain)]
    aside = project.cache / "why"
    write_evidence(made, aside if wrong else FOLDER)
    if wrong:
        raise CommandError(
            f"expected the new runs to agree with the pages, found: {'; '.join(wrong)}; the new runs are in {aside}"
        )


def _record_examples(tell: Tell) -> None:
    with TemporaryDirectory(prefix="docs-") as name:
        write_run("examples", record_examples(Path(name), tell))


def _record_pictures(project: Project, _tell: Tell) -> None:
    for path in take_pictures(project):
        print(path.relative_to(project.root))


def _record_terminal(project: Project, tell: Tell) -> None:
    with TemporaryDirectory(prefix="docs-") as name:
        write_run("terminal", record_terminal(project, Path(name).resolve(), tell))


_RECORDS: Mapping[str, Callable[[Project, Tell], object]] = {
    "all": _record_all,
    "toolchain": lambda project, tell: write_run("toolchain", record_builds(project, tell)),
    "performance": lambda project, tell: write_run("performance", record_performance(project, tell)),
    "examples": lambda _project, tell: _record_examples(tell),
    "pictures": _record_pictures,
    "terminal": _record_terminal,
}


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "page",
        nargs="*",
        type=_page,
        metavar="PAGE",
        help="write only these generated pages, for example reference/limits.md (default: all pages, "
        "the schemas, the man page, the completions and the Dockerfiles in docker/)",
    )
    one = parser.add_mutually_exclusive_group()
    one.add_argument(
        "--site",
        type=Path,
        metavar="INTO",
        help="write no page; make a website from the Markdown pages, in the folder INTO; the website begins at "
        "INTO/index.html",
    )
    one.add_argument("--check", action="store_true", help="write nothing; print each page that is out of date")
    one.add_argument(
        "--record",
        choices=_RECORDS,
        metavar="WHAT",
        help="first repeat the recorded runs that WHAT names: all (takes minutes; needs a Docker engine, the peers "
        "and a network), toolchain (needs a Docker engine), performance (needs the peers), examples (of findings; "
        "needs Debian, Python 3.12, a second Python 3.11 and patchelf), pictures (the pictures of a report; needs "
        "chromium and a network), or terminal (the commands of the pictures of a terminal; needs every door and a "
        "network)",
    )


def _page(text: str) -> str:
    """Return the name of the generated page in `text`, without the folder `docs/` before it.

    Raises ArgumentTypeError if no generated page has this name.
    """
    name = text.removeprefix("docs/")
    if name not in PAGES:
        raise ArgumentTypeError(f"expected a generated page, one of {', '.join(PAGES)}, found {text!r}")
    return name


COMMAND = Command(
    name="docs",
    does="Write the generated pages of docs/, the JSON schemas, the man page and the completions of envparity, and a "
    "Dockerfile for each track with a released library, except the default track. Their sources are code, locks, "
    "environments and recorded runs.",
    statuses={
        0: "the pages were written, or with --check: every page is up to date",
        1: "with --check: a page is out of date",
        3: "a page or the website could not be made, or a run could not be recorded",
    },
    run=_docs,
    add=_options,
    errors=(EnvparityError,),
)
