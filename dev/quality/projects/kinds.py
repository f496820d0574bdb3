"""The kinds of projects: the files of a project, and the commands with which a person makes its environment.

In the text of a file, `{index}` stands for the address of the index. In a command, `{python}` stands for the path of
the base Python. The first word of a command is a program of the tool, or `python` for the Python of the project's
environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_BACKEND = '[build-system]\nrequires = ["flit_core>=3.12"]\nbuild-backend = "flit_core.buildapi"\n'
_SHOP = """\
[project]
name = "{name}"
version = "1.0"
description = "a made-up shop"
requires-python = ">=3.11,<4"
dependencies = {dependencies}
"""
_MODULE = '"""A made-up shop."""\n'


def _project(name: str, *dependencies: str, more: str = "", backend: str = _BACKEND) -> str:
    return f"{backend}\n{_SHOP.format(name=name, dependencies=list(dependencies))}\n{more}"


@dataclass(frozen=True)
class ProjectKind:
    """One kind of project.

    `files` maps paths to texts, and `commands` make the lock and the environment. `inside` is the folder from which
    envparity is called.
    """

    tool: str
    lock: str
    files: Mapping[str, str]
    commands: tuple[tuple[str, ...], ...]
    environment: str = ".venv"
    """The environment's folder, relative to the project; empty if the tool keeps the environment elsewhere."""
    why: str = "the nearest environment"
    """The reason that envparity gives for the choice of the environment."""
    inside: str = "."
    variables: Mapping[str, str] = field(default_factory=dict)
    extra: str = ""
    """The extra with which the tool itself is installed, for example `[locked]`; empty if the tool needs no extra."""
    own: bool = False
    """Whether the tool is installed in the environment that it fills."""
    notes: tuple[str, ...] = ()
    """The codes of the notes that are true for a new project of this kind, but not for every environment."""


KINDS = (
    ProjectKind(
        "uv",
        "uv.lock",
        {
            "pyproject.toml": _project(
                "shop",
                "flask>=3",
                "shop-prices",
                more='[dependency-groups]\ndev = ["pytest>=9", {include-group = "format"}]\nformat = ["six"]\n'
                'docs = ["rich>=15"]\n[project.optional-dependencies]\nmail = ["requests>=2"]\n'
                '[tool.uv]\ndefault-groups = ["dev"]\n[tool.uv.workspace]\nmembers = ["packages/*"]\n'
                "[tool.uv.sources]\nshop-prices = { workspace = true }\n",
            ),
            "shop/__init__.py": _MODULE,
            "packages/prices/pyproject.toml": _project("shop-prices", "colorama>=0.4", "itsdangerous"),
            "packages/prices/shop_prices/__init__.py": _MODULE,
        },
        (("uv", "sync", "-q", "--python", "{python}"),),
        inside="shop",
    ),
    ProjectKind(
        "poetry",
        "poetry.lock",
        {
            "pyproject.toml": _project(
                "shop",
                "flask>=3",
                "colorama>=0.4",
                backend='[build-system]\nrequires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"\n',
                more='[project.optional-dependencies]\nmail = ["requests>=2"]\n'
                '[tool.poetry.group.dev.dependencies]\npytest = "^9"\nsix = "*"\n'
                '[tool.poetry.group.docs]\noptional = true\n[tool.poetry.group.docs.dependencies]\nrich = ">=15"\n'
                '[[tool.poetry.source]]\nname = "loopback"\nurl = "{index}"\npriority = "primary"\n',
            ),
            "shop/__init__.py": _MODULE,
        },
        (
            ("poetry", "env", "use", "-q", "{python}"),
            ("poetry", "lock", "-q"),
            ("poetry", "install", "-q"),
        ),
        environment="",
        why="the environment that poetry keeps for this project",
    ),
    ProjectKind(
        "pdm",
        "pdm.lock",
        {
            "pyproject.toml": _project(
                "shop",
                "flask>=3",
                "colorama>=0.4",
                more='[project.optional-dependencies]\nmail = ["requests>=2"]\n'
                '[dependency-groups]\ndev = ["pytest>=9", "six"]\n[tool.pdm]\ndistribution = true\n'
                '[[tool.pdm.source]]\nname = "pypi"\nurl = "{index}"\nverify_ssl = false\n',
            ),
            "shop/__init__.py": _MODULE,
        },
        (
            ("pdm", "use", "-q", "-f", "{python}"),
            ("pdm", "install", "-q"),
        ),
        why="the environment that pdm keeps for this project",
        extra="[locked]",  # the releases of its requirements that PDM was tested with
    ),
    ProjectKind(
        "pipenv",
        "Pipfile.lock",
        {
            "Pipfile": '[[source]]\nname = "loopback"\nurl = "{index}"\nverify_ssl = false\n\n[packages]\n'
            'flask = ">=3"\ncolorama = "*"\nshop = {path = ".", editable = true}\n\n'
            '[dev-packages]\npytest = "*"\nsix = "*"\n',
            "pyproject.toml": _project("shop", "itsdangerous"),
            "shop/__init__.py": _MODULE,
        },
        (("pipenv", "--python", "{python}", "install", "-q"),),
        environment="",
        why="the environment that pipenv keeps for this project",
        variables={"PIPENV_VENV_IN_PROJECT": "0"},
    ),
    ProjectKind(
        "pip-tools",
        "requirements.txt",
        {"requirements.in": "flask>=3\ncolorama\nsix\n-r more.in\n", "more.in": "requests>=2\n"},
        (
            ("python", "-m", "pip", "install", "-q", "pip-tools"),
            ("python", "-m", "piptools", "compile", "-q", "--generate-hashes", "requirements.in"),
            ("python", "-m", "piptools", "sync", "-q", "requirements.txt"),
        ),
        own=True,
        notes=("lock-extra",),
    ),
)
"""Every kind of project."""
