"""Lists one fault for each finding that commands can fix."""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dev.evidence.faults.editables import install_editable, write_project
from dev.evidence.faults.pythons import link_python
from dev.evidence.faults.scene import Installer, Scene
from dev.evidence.faults.wheels import record_row, write_wheel

IDNA, REQUESTS, URLLIB3 = "idna-3.6.dist-info", "requests-2.31.0.dist-info", "urllib3-2.2.0.dist-info"
_EDITED = "class Session:\n    trust_env = False\n"


@dataclass(frozen=True)
class Fault:
    """One fault. `happened` is a sentence that says what went wrong, and `make` does this damage to an environment.

    `installers` names the installers whose environments can have the fault. `left` are the codes of notes that stay
    after the fix.
    """

    happened: str
    make: Callable[[Scene], object]
    installers: tuple[Installer, ...] = ("pip", "uv")
    left: tuple[str, ...] = ()


def _hide(scene: Scene) -> None:
    scene.variables["PYTHONPATH"] = str(scene.folder / "more")


def _unlocked(*names: str) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        scene.locked = False
        for name in names:
            scene.install(name)

    return make


def _from_commit(scene: Scene) -> None:
    url = {
        "url": "example.org/idna.git",
        "vcs_info": {"vcs": "git", "commit_id": "1d365e17e10d72d0b7876316fc7b9ca0eebdd38d"},
    }
    scene.note(IDNA, "direct_url.json", json.dumps(url))


def _another_wheel(scene: Scene) -> None:
    other = write_wheel(scene.folder / "downloads", "idna", "3.6", {"idna/__init__.py": "patched = True\n"})
    scene.uninstall("idna")
    scene.install(str(other), by="pip")  # uv records no hash of a local wheel
    scene.lock_hashes()


def _without_a_requirement(scene: Scene) -> None:
    scene.locked = False
    scene.uninstall("urllib3")


def _for_another_python(scene: Scene) -> None:
    scene.locked = False
    scene.install("typing-extensions==4.7.1")
    old, info = scene.site / "typing_extensions-4.7.1.dist-info", "typing_extensions-4.99.0.dist-info"
    old.rename(scene.site / info)  # pip and uv refuse the release, but a copied environment may have it
    changed = (scene.site / info / "METADATA").read_text().replace("4.7.1", "4.99.0") + "Requires-Python: >=4\n"
    scene.write("typing_extensions.py", "new = True\n")
    scene.edit(f"{info}/RECORD", lambda text: text.replace("4.7.1", "4.99.0"))
    scene.note(info, "METADATA", changed)
    scene.record(info, record_row("typing_extensions.py", b"new = True\n"))


def _interrupted_upgrade(scene: Scene) -> None:
    kept = scene.folder / "kept"
    shutil.copytree(scene.site / IDNA, kept)
    scene.install("idna==3.5")
    shutil.copytree(kept, scene.site / IDNA)
    shutil.rmtree(kept)


def _link(scene: Scene) -> None:
    path, aside = scene.site / "requests/certs.py", scene.folder / "my-certs.py"
    path.rename(aside)
    path.symlink_to(aside)


def _as_links(scene: Scene) -> None:
    scene.variables["UV_LINK_MODE"] = "symlink"
    scene.install("--reinstall", "requests==2.31.0")
    del scene.variables["UV_LINK_MODE"]


def _rows(change: Callable[[str], str]) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        scene.edit(f"{REQUESTS}/RECORD", lambda text: "".join(change(f"{line}\n") for line in text.splitlines()))

    return make


def _torn(scene: Scene) -> None:
    _unlocked("opencv-python==4.9.0.80", "opencv-python-headless==4.9.0.80")(scene)
    scene.write("cv2/config.py", "backends = ['QT']\n")  # as if an installer wrote both wheels at once


def _bytecode(scene: Scene, source: str, mode: str = "CHECKED_HASH") -> Path:
    text = scene.folder / "other.py"
    text.write_text(source, encoding="utf-8")
    code = (
        "import importlib.util, py_compile, sys; target = importlib.util.cache_from_source(sys.argv[2]); "
        "mode = py_compile.PycInvalidationMode[sys.argv[3]]; "
        "print(py_compile.compile(sys.argv[1], target, sys.argv[2], True, invalidation_mode=mode))"
    )
    said = scene.run([f"{scene.environment}/bin/python -I -c '{code}' {text} {scene.site}/requests/adapters.py {mode}"])
    return Path(said.strip())


def _altered_bytecode(scene: Scene) -> None:
    right = _bytecode(scene, "retries = 0\n").read_bytes()[:16]
    wrong = _bytecode(scene, "retries = 9\n")
    wrong.write_bytes(right + wrong.read_bytes()[16:])
    scene.look = replace(scene.look, bytecode=True)


def _orphaned_bytecode(scene: Scene) -> None:
    made = _bytecode(scene, "retries = 0\n")
    made.rename(made.with_name(made.name.replace("adapters", "compat")))


def _foreign(scene: Scene) -> None:
    scene.locked = False
    name = "markupsafe/_speedups.cpython-37m-x86_64-linux-gnu.so"
    other = write_wheel(scene.folder / "old", "markupsafe", "2.1.5", {"markupsafe/__init__.py": "", name: "ELF"})
    scene.install(str(other))
    # This looks as if the site folder of another Python had been copied. An installer writes these two files for a
    # local wheel, but not for a wheel from an index, so delete them.
    info = "markupsafe-2.1.5.dist-info"
    for note in ("direct_url.json", "uv_cache.json"):
        (scene.site / info / note).unlink(missing_ok=True)
        scene.unrecord(info, note)


def _unreadable(scene: Scene) -> None:
    (scene.site / "requests/certs.py").chmod(0o600 if os.geteuid() == 0 else 0)
    if os.geteuid() == 0:  # root can read every file, so another user makes the check
        scene.starter = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def _without_its_cache(scene: Scene) -> None:
    _as_links(scene)
    shutil.rmtree(scene.folder / "uv-cache")


def _nothing_installed(scene: Scene) -> None:
    shutil.rmtree(scene.site)
    scene.site.mkdir()


def _of_gone_folder(scene: Scene) -> None:
    shutil.rmtree(install_editable(scene, "idna", "3.6"))


def _of_other_version(scene: Scene) -> None:
    scene.locked = False
    write_project(install_editable(scene, "idna", "3.6"), "idna", "3.7")


def _hooked(scene: Scene) -> None:
    scene.install("coverage==7.6.1")


def _altered_hook(scene: Scene) -> None:
    scene.locked = False
    _hooked(scene)
    scene.write("a1_coverage.pth", "import coverage, telemetry\n")


def _edited_with_record(scene: Scene) -> None:
    scene.trace()
    scene.write("requests/sessions.py", _EDITED)
    scene.record(REQUESTS, record_row("requests/sessions.py", _EDITED.encode()))


def _removed_with_record(scene: Scene) -> None:
    scene.trace()
    (scene.site / "requests/certs.py").unlink()
    scene.unrecord(REQUESTS, "requests/certs.py")


def _added_with_record(scene: Scene) -> None:
    scene.trace()
    scene.write("requests/telemetry.py", "on = True\n")
    scene.record(REQUESTS, record_row("requests/telemetry.py", b"on = True\n"))


def _replaced(scene: Scene) -> None:
    """Make the environment look as if Python 3.7 had made it and another Python had replaced Python 3.7 later."""
    scene.site.parent.rename(scene.site.parent.with_name("python3.7"))
    config = scene.environment / "pyvenv.cfg"
    config.write_text(re.sub(r"(?m)^version = .*", "version = 3.7.17", config.read_text(encoding="utf-8")))


def _without_home(scene: Scene) -> None:
    _made_elsewhere(scene, scene.environment, link_python(scene.folder / "python"), "--copies")
    shutil.rmtree(scene.folder / "python")


def _moved(scene: Scene) -> None:
    first = scene.folder / "build" / ".venv"
    _made_elsewhere(scene, first, Path(scene.python))
    first.rename(scene.environment)


def _made_elsewhere(scene: Scene, environment: Path, python: Path, *options: str) -> None:
    """Delete the scene's environment, and make one with the same distributions in the folder `environment`."""
    kept = scene.folder / "kept"
    scene.site.rename(kept)
    shutil.rmtree(scene.environment)
    scene.run([f"{python} -I -m venv --without-pip {' '.join(options)} {environment}"])
    site = next((environment / "lib").glob("python*")) / "site-packages"
    site.rmdir()
    kept.rename(site)


FAULTS: dict[str, Fault] = {
    # envparity finds no distribution for the new Python, so it cannot see that uv filled an environment. Therefore this
    # fault has no example with uv.
    "interpreter-replaced": Fault("An upgrade of the system replaced Python 3.7 by another.", _replaced, ("pip",)),
    "home-foreign": Fault(
        "The environment was made with `--copies`, and the Python that it was made from was removed.", _without_home
    ),
    "script-elsewhere": Fault("The environment was built in one folder, and then moved.", _moved),
    "path-hidden": Fault("A profile sets PYTHONPATH.", _hide),
    "lock-missing": Fault("`idna` was uninstalled.", lambda scene: scene.uninstall("idna")),
    "lock-version": Fault("Somebody installed an older version of `idna`.", lambda scene: scene.install("idna==3.5")),
    "lock-extra": Fault("Somebody installed `rich` to try it.", lambda scene: scene.install("rich==13.7.0")),
    "lock-source": Fault("`idna` was installed from a commit, to try a change.", _from_commit),
    "lock-artefact": Fault("`idna` was installed from a wheel that a colleague had patched.", _another_wheel),
    "requirement-unmet": Fault("`urllib3` was uninstalled, but `requests` needs it.", _without_a_requirement),
    "python-unmet": Fault("The environment of a newer Python was copied.", _for_another_python),
    "distribution-twice": Fault(
        "A downgrade of `idna` was interrupted, and both metadata folders stayed.", _interrupted_upgrade
    ),
    "file-missing": Fault("A clean-up deleted a file.", lambda scene: (scene.site / "requests/certs.py").unlink()),
    "file-altered": Fault(
        "Somebody edited a file of `requests` in place to debug a problem.",
        # In place, as some editors do: if the file is a hard link into uv's cache, the cache now has the edit too.
        lambda scene: (scene.site / "requests/sessions.py").write_text(_EDITED),
    ),
    "file-extraneous": Fault(
        "An old module stayed after an upgrade.", lambda scene: scene.write("requests/packages.py", "old = True\n")
    ),
    "file-renamed": Fault(
        "The environment was copied through a file system that changed the case of a name.",
        lambda scene: (scene.site / "requests/certs.py").rename(scene.site / "requests/Certs.py"),
    ),
    "file-link": Fault("A file of `requests` was replaced by a link to another file.", _link),
    "file-unreadable": Fault("A script changed the permissions of a file.", _unreadable),
    "installed-as-links": Fault("`uv pip install --link-mode symlink` installed `requests`.", _as_links, ("uv",)),
    "record-missing": Fault(
        "An image was made smaller by deleting every RECORD.", lambda scene: (scene.site / REQUESTS / "RECORD").unlink()
    ),
    "record-unhashed": Fault(
        "A tool rewrote RECORD without hashes.", _rows(lambda row: f"{row.partition(',')[0]},,\n")
    ),
    "record-incomplete": Fault(
        "Somebody removed the hash of an edited file.",
        _rows(lambda row: "requests/sessions.py,,\n" if row.startswith("requests/sessions") else row),
    ),
    "record-malformed": Fault(
        "A broken disk damaged RECORD.",
        _rows(lambda row: f"{row.strip()},d,e\n" if row.startswith("requests/c") else row),
    ),
    "record-escapes": Fault(
        "A RECORD names a file of the system.",
        _rows(
            lambda row: (
                f"{row}../../../../../../../../../../../../etc/hostname,,\n" if row.startswith("requests/c") else row
            )
        ),
    ),
    "metadata-broken": Fault(
        "A clean-up deleted METADATA.", lambda scene: (scene.site / REQUESTS / "METADATA").unlink()
    ),
    "metadata-mismatch": Fault(
        "Somebody changed the version in METADATA, so that another package accepts it.",
        lambda scene: scene.edit(f"{REQUESTS}/METADATA", lambda text: text.replace("2.31.0", "2.32.0")),
    ),
    "path-contested": Fault(
        "`opencv-python` and `opencv-python-headless` are both installed, and both bring `cv2`.",
        _unlocked("opencv-python==4.9.0.80", "opencv-python-headless==4.9.0.80"),
    ),
    "package-torn": Fault("An installer wrote two distributions with the same files at the same time.", _torn),
    "name-shadowed": Fault(
        "The backport `dataclasses` is installed on a Python that has its own `dataclasses`.",
        _unlocked("dataclasses==0.8"),
    ),
    "bytecode-stale": Fault(
        "The build of the image compiled an older version of the source.",
        lambda scene: _bytecode(scene, "retries = 5\n", "UNCHECKED_HASH"),
    ),
    "bytecode-altered": Fault("Somebody exchanged the code in a bytecode file.", _altered_bytecode),
    "bytecode-orphan": Fault("An uninstall left bytecode behind.", _orphaned_bytecode),
    "bytecode-broken": Fault(
        "A full disk cut a bytecode file short.", lambda scene: _bytecode(scene, "retries = 0\n").write_bytes(b"short")
    ),
    "extension-foreign": Fault("The site folder of another Python was copied.", _foreign),
    "nothing-installed": Fault("The build of the image left the installation out.", _nothing_installed, ("pip",)),
    "link-broken": Fault(
        "`uv pip install --link-mode symlink` installed `requests`, and `uv cache clean` removed its files.",
        _without_its_cache,
        ("uv",),
    ),
    "editable-gone": Fault("A developer ran `pip install -e ../idna`, and later deleted that folder.", _of_gone_folder),
    "editable-version": Fault(
        "A developer ran `pip install -e ../idna`, and later checked out another release there.",
        _of_other_version,
        left=("editable", "startup-code"),
    ),
    "startup-unowned": Fault(
        "Somebody left a .pth file behind that starts a debugger.",
        lambda scene: scene.write("debug.pth", "import os; os.environ.setdefault('DEBUG', '1')\n"),
    ),
    "startup-altered": Fault("A program changed the .pth file of `coverage`.", _altered_hook, left=("startup-code",)),
    "startup-unlocked": Fault("Somebody installed `coverage` to measure a run.", _hooked),
    "stdlib-shadowed": Fault(
        "Somebody put a program called `random.py` into the folder of the scripts.",
        lambda scene: (scene.environment / "bin" / "random.py").write_text("print(4)\n"),
    ),
    "artefact-differs": Fault("Somebody edited a file, and wrote its new hash into RECORD.", _edited_with_record),
    "artefact-lacking": Fault("Somebody deleted a file and its line in RECORD.", _removed_with_record),
    "artefact-foreign": Fault("Somebody added a module with a line in RECORD.", _added_with_record),
}
