"""The kinds of damage to the environment of a project, and the codes of the findings that envparity must report.

Each function changes the environment. Every project has the distributions colorama 0.4.6 and flask.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wheels import wheel_bytes

from dev.lockenv.command import run
from dev.quality.projects.make import Made, Workshop


@dataclass(frozen=True)
class Damage:
    """One kind of damage: `apply` damages an environment, and envparity must then report a finding.

    The finding has one of `codes`, and contains the text `says`.
    """

    name: str
    codes: tuple[str, ...]
    says: str
    apply: Callable[[Made, Workshop], None]


def _file_changed(made: Made, _shop: Workshop) -> None:
    path = made.site / "colorama" / "ansi.py"
    text = path.read_text(encoding="utf-8") + "\n# changed\n"
    path.unlink()  # the file may be a hard link into a cache
    path.write_text(text, encoding="utf-8")


def _file_gone(made: Made, _shop: Workshop) -> None:
    (made.site / "flask" / "app.py").unlink()


def _metadata_changed(made: Made, _shop: Workshop) -> None:
    path = _metadata(made, "flask") / "METADATA"
    text = path.read_text(encoding="utf-8").replace("\n\n", "\nRequires-Dist: six\n\n", 1)
    path.unlink()
    path.write_text(text, encoding="utf-8")


def _distribution_gone(made: Made, shop: Workshop) -> None:
    run([shop.uv, "pip", "uninstall", "-q", "--python", made.python, "colorama"], purpose="uninstalling")


def _distribution_extra(made: Made, shop: Workshop) -> None:
    _install(made, shop, _wheel(shop, "surprise", {"surprise.py": "answer = 42\n"}))


def _other_version(made: Made, shop: Workshop) -> None:
    run(
        [shop.uv, "pip", "install", "-q", "--no-deps", "--python", made.python, "colorama==0.4.5"],
        purpose="installing another version",
        extra={"UV_DEFAULT_INDEX": shop.index.url},
    )


def _built_again(made: Made, shop: Workshop) -> None:
    """Install the pinned version again, from a wheel with other bytes at another URL."""
    files = {"colorama/__init__.py": "__version__ = '0.4.6'\n"}
    wheel = _wheel(shop, "colorama", files, "0.4.6")
    url = f"{shop.index.url.removesuffix('simple/')}files/{wheel.name}"
    shop.index.place(wheel)
    _install(made, shop, f"colorama @ {url}")


def _two_owners(made: Made, shop: Workshop) -> None:
    _install(made, shop, _wheel(shop, "colours", {"colorama/ansi.py": "RED = 'red'\n"}))


def _metadata_left_over(made: Made, _shop: Workshop) -> None:
    old = made.site / "colorama-0.4.5.dist-info"
    shutil.copytree(_metadata(made, "colorama"), old)
    path = old / "METADATA"
    path.write_text(path.read_text(encoding="utf-8").replace("0.4.6", "0.4.5"), encoding="utf-8")


def _editable_instead(made: Made, shop: Workshop) -> None:
    """Replace colorama by an editable install of another project with the same name."""
    folder = made.environment.parent / "elsewhere"
    (folder / "colorama").mkdir(parents=True, exist_ok=True)
    (folder / "colorama" / "__init__.py").write_text('"""Colours."""\n__version__ = "0.4.6"\n', encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        '[project]\nname = "colorama"\nversion = "0.4.6"\ndescription = "Colours"\n',
        encoding="utf-8",
    )
    words: list[str | Path] = [shop.uv, "pip", "install", "-q", "--no-deps", "--python", made.python, "-e", folder]
    run(words, purpose="installing as editable", extra={"UV_DEFAULT_INDEX": shop.index.url})


def _editable_gone(made: Made, shop: Workshop) -> None:
    """Replace colorama by an editable install, and then remove the folder of this install."""
    _editable_instead(made, shop)
    shutil.rmtree(made.environment.parent / "elsewhere")


def _dangling_link(made: Made, _shop: Workshop) -> None:
    path = made.site / "colorama" / "win32.py"
    path.unlink()
    path.symlink_to(made.environment / "gone.py")


def _hook_added(made: Made, _shop: Workshop) -> None:
    (made.site / "zzz.pth").write_text("import sys; sys.answer = 42\n", encoding="utf-8")


def _module_added(made: Made, _shop: Workshop) -> None:
    (made.site / "flask" / "extra.py").write_text("answer = 42\n", encoding="utf-8")


def _record_gone(made: Made, _shop: Workshop) -> None:
    (_metadata(made, "flask") / "RECORD").unlink()


EVERY_DAMAGE = (
    Damage("file changed", ("file-altered",), "colorama/ansi.py", _file_changed),
    Damage("file gone", ("file-missing",), "flask/app.py", _file_gone),
    Damage("metadata changed", ("file-altered",), "METADATA", _metadata_changed),
    Damage("distribution gone", ("lock-missing",), "colorama", _distribution_gone),
    Damage("distribution extra", ("lock-extra",), "surprise", _distribution_extra),
    Damage("other version", ("lock-version",), "colorama", _other_version),
    Damage("built again elsewhere", ("lock-source", "lock-artefact"), "colorama", _built_again),
    Damage("two owners", ("path-contested",), "colorama/ansi.py", _two_owners),
    Damage("metadata left over", ("distribution-twice",), "colorama", _metadata_left_over),
    Damage("editable instead", ("lock-source",), "colorama", _editable_instead),
    Damage("editable gone", ("editable-gone",), "colorama", _editable_gone),
    Damage("dangling link", ("link-broken",), "colorama/win32.py", _dangling_link),
    Damage("hook added", ("startup-unowned",), "zzz.pth", _hook_added),
    Damage("module added", ("file-extraneous",), "flask/extra.py", _module_added),
    Damage("RECORD gone", ("record-missing",), "flask", _record_gone),
)
"""Every kind of damage."""


def _metadata(made: Made, name: str) -> Path:
    return next(made.site.glob(f"{name}-*.dist-info"))


def _wheel(shop: Workshop, name: str, files: Mapping[str, str | bytes], version: str = "1.0") -> Path:
    folder = shop.folder / "made"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    path.write_bytes(wheel_bytes(name, version, files))
    return path


def _install(made: Made, shop: Workshop, what: str | Path) -> None:
    words: list[str | Path] = [shop.uv, "pip", "install", "-q", "--no-deps", "--no-index", "--python", made.python]
    run([*words, what], purpose="installing")
