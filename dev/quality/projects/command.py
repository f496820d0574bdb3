"""`scripts/quality projects`: checks that `envparity` without arguments is right in projects of five tools."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.command import Command
from dev.command.errors import UsageError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import this_project
from dev.quality.projects.damage import EVERY_DAMAGE
from dev.quality.projects.kinds import KINDS, ProjectKind
from dev.quality.projects.make import workshop
from dev.quality.projects.trial import Step, try_project


def _run(options: Namespace) -> int:
    kinds = _chosen(options.tools)
    project = this_project()
    interpreter = EnvironmentMaker(project).interpreter
    uv = bootstrap(project, interpreter)
    steps: list[Step] = []
    with TemporaryDirectory(prefix="projects-") as folder, workshop(uv, interpreter.path, Path(folder)) as shop:
        for kind in kinds:
            for step in try_project(kind, shop, EVERY_DAMAGE):
                steps.append(step)
                print(_line(step), flush=True)
    failed = sum(bool(step.wrong) for step in steps)
    print(f"{len(kinds)} projects, {len(steps)} steps, {failed} failed")
    return 1 if failed else 0


def _chosen(names: Sequence[str]) -> tuple[ProjectKind, ...]:
    every = {kind.tool: kind for kind in KINDS}
    if unknown := [name for name in names if name not in every]:
        raise UsageError(f"expected the name of a tool ({', '.join(every)}), found {unknown[0]}")
    return tuple(every[name] for name in names) or KINDS


def _line(step: Step) -> str:
    return f"{step.kind}: {step.name}: {'; '.join(step.wrong) or 'ok'}"


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("tools", nargs="*", metavar="TOOL", help="the tools whose projects to make (default: all)")


COMMAND = Command(
    "quality projects",
    "Make projects with uv, Poetry, PDM, pipenv and pip-tools, and run `envparity` without arguments in each. "
    "`envparity` must pass, name the right lock and environment, be quick, and find each kind of damage, which "
    "`envparity fix --run` must repair. The tools and the wheels come from the package index.",
    {0: "every step passed", 1: "a step failed, or a project could not be made"},
    _run,
    _options,
)
