"""Lists more situations for `shown.py`, for example about the standard library of Python, and about wheels."""

import shutil
from collections.abc import Callable

from dev.evidence.faults.pythons import as_another_build, link_python
from dev.evidence.faults.scene import Scene
from dev.evidence.faults.situation import Shown, install, unlock
from dev.evidence.faults.wheels import write_wheel


def _another_build(scenes: list[Scene]) -> None:
    as_another_build(scenes[1].environment / "bin" / "python")


def _own_pythons(change: Callable[[Scene], object]) -> Callable[[list[Scene]], None]:
    """Return a function that makes each environment again, with a separate Python for each environment.

    Then the function calls `change` with the second scene.
    """

    def make(scenes: list[Scene]) -> None:
        for scene in scenes:
            shutil.rmtree(scene.environment)
            scene.run([f"{link_python(scene.folder / 'python')} -I -m venv --without-pip {scene.environment}"])
            scene.locked = False
            scene.install("idna==3.6")
        change(scenes[1])

    return make


def _patched_library(scene: Scene) -> None:
    path = next((scene.folder / "python" / "lib").iterdir()) / "ssl.py"
    text = path.read_text(encoding="utf-8")
    path.unlink()
    path.write_text(f"{text}\ncreate_default_context = _create_unverified_context\n", encoding="utf-8")


def _without_a_module(scene: Scene) -> None:
    (next((scene.folder / "python" / "lib").iterdir()) / "turtle.py").unlink()


def _clashing(scenes: list[Scene]) -> None:
    install("pycryptodome", {"Crypto/__init__.py": ""})(scenes)
    install("crypto", {"crypto/__init__.py": ""})(scenes)


def _built_wrong(scenes: list[Scene]) -> None:
    unlock(scenes)
    files = {"furo/__init__.py": "", "furo/theme.py": "name = 'furo'\n"}
    wheel = write_wheel(scenes[0].folder / "more", "furo", "2022.12.7", files, hexadecimal=True)
    scenes[0].install(str(wheel))


def _hook(scenes: list[Scene]) -> None:
    unlock(scenes)
    scenes[0].install("coverage==7.6.1")


def _from_source(scenes: list[Scene]) -> None:
    scenes[0].trace()
    with scenes[0].lock.open("a", encoding="utf-8") as lock:
        lock.write("--no-binary idna\n")


def _without_hashes(scenes: list[Scene]) -> None:
    scenes[0].trace()
    lines = [line.partition(" ")[0] for line in scenes[0].lock.read_text(encoding="utf-8").splitlines()]
    scenes[0].lock.write_text("\n".join(lines) + "\n", encoding="utf-8")


PLACES: dict[str, Shown] = {
    "interpreter-build": Shown("Each system compiled its own Python, of the same version.", _another_build, doors=2),
    "stdlib-differs": Shown(
        "Somebody patched `ssl.py` in the image's Python.", _own_pythons(_patched_library), doors=2
    ),
    "stdlib-partly": Shown("The image's Python has no turtle graphics.", _own_pythons(_without_a_module), doors=2),
    "case-clash": Shown("The environment has both `pycryptodome` and the old package `crypto`.", _clashing),
    "record-built-wrong": Shown("The wheel of `furo` has hashes in hexadecimal.", _built_wrong),
    "startup-code": Shown("The environment has `coverage`, which starts together with Python.", _hook),
    "artefact-untraced": Shown("The lock says that `idna` is built from source.", _from_source),
    "artefact-unhashed": Shown("The lock has no hashes.", _without_hashes),
}
