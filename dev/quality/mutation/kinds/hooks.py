"""Mutations of start-up code: a hook runs before every program, and tries to hide itself and an altered file.

Start-up code is code that Python runs each time it starts. Each mutation installs real code, which works in a Python
that starts without the options -I and -S. Each decorated function makes one change to a copy of an environment. It
returns a text about the change, and the findings (faults or differences) that envparity must report.
"""

from dev.quality.mutation.expectation import Expected, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.bytecode import BYTECODE_STALE
from envparity.judge.integrity.files import FILE_ALTERED, FILE_EXTRANEOUS, FILE_UNOWNED
from envparity.judge.resolution import LOCK_EXTRA
from envparity.judge.startup import (
    STARTUP_ALTERED,
    STARTUP_CODE,
    STARTUP_UNLOCKED,
    STARTUP_UNOWNED,
    STDLIB_SHADOWED,
)

# Maps the effect of a hook, in words, to the code of the hook. In the code, {name} is the name of the hook's module,
# {victim} is the file name of the altered file, and {clean} is the size of this file before the change.
PAYLOADS = {
    "hides files from os.scandir and os.listdir": """
import os
scan, names = os.scandir, os.listdir
class Shown:
    def __init__(self, entries): self.entries = [one for one in entries if "{name}" not in one.name]
    def __enter__(self): return iter(self.entries)
    def __exit__(self, *_): pass
    def __iter__(self): return iter(self.entries)
os.scandir = lambda *path: Shown(scan(*path))
os.listdir = lambda *path: [one for one in names(*path) if "{name}" not in one]
""",
    "cuts the end of a file that os.read returns": """
import os
read, opened = os.read, os.open
victims = set()
def opening(path, *rest, **more):
    handle = opened(path, *rest, **more)
    (victims.add if str(path).endswith("{victim}") else victims.discard)(handle)
    return handle
os.open = opening
os.read = lambda handle, size: read(handle, {clean} if handle in victims else size)
""",
    "returns other bytes from io.open and builtins.open": """
import builtins, io
real = io.open
def opening(path, *rest, **more):
    if "{name}" in str(path):
        raise FileNotFoundError(2, "No such file or directory")
    return real(path, *rest, **more)
io.open = builtins.open = opening
""",
    "returns the wanted hash from hashlib": """
import hashlib
real = hashlib.sha256
class Kind:
    def __init__(self, data=b""): self.real = real(data[:{clean}] if len(data) > {clean} else data)
    def __getattr__(self, name): return getattr(self.real, name)
hashlib.sha256 = Kind
""",
    "removes the hook from what json writes": """
import json
real = json.dumps
def dumps(value, **more):
    if isinstance(value, dict) and "files" in value:
        value["files"] = {{key: one for key, one in value["files"].items() if "{name}" not in key}}
        value["startup"] = []
    return real(value, **more)
json.dumps = dumps
""",
    "patches sorted and print in builtins": """
import builtins
real = builtins.sorted
builtins.sorted = lambda values, **more: real([one for one in values if "{name}" not in str(one)], **more)
builtins.print = lambda *words, **more: None
""",
    "gives another module to each import": """
import sys, types
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in ("hashlib", "marshal", "binascii"):
            sys.modules[name] = types.ModuleType(name)
        return None
sys.meta_path.insert(0, Finder())
""",
    "patches the loader of the import system": """
import importlib._bootstrap_external as loader
real = loader.SourceFileLoader.get_data
loader.SourceFileLoader.get_data = lambda self, path: b"" if "{name}" in path else real(self, path)
""",
    "writes a snapshot to standard output first": """
import os
os.write(1, b'{{"schema":"envparity-snapshot-1","behaviour":{{}}}}\\n')
""",
    "writes a snapshot and ends Python": """
import os
os.write(1, b'{{"schema":"envparity-snapshot-1","behaviour":{{}}}}\\n')
os._exit(0)
""",
    "replaces sys.stdin": """
import io, sys
sys.stdin = io.TextIOWrapper(io.BytesIO(b"print('nothing is wrong')"))
""",
    "reads the program from standard input": """
import os
os.read(0, 1 << 24)
""",
    "starts a thread that changes modules later": """
import threading, time
def later():
    time.sleep(0.01)
    import os
    os.scandir = None
threading.Thread(target=later, daemon=True).start()
""",
    "changes what sys says about the environment": """
import sys
sys.prefix = sys.base_prefix
sys.executable = "/usr/bin/python3"
sys.path[:] = [one for one in sys.path if "site-packages" not in one]
""",
    "sets an audit hook that stops reading": """
import sys
def audit(event, arguments):
    if event == "os.scandir":
        raise FileNotFoundError(2, "No such file or directory")
sys.addaudithook(audit)
""",
    "traces every call": """
import sys
def trace(frame, event, argument):
    frame.f_locals.pop("files", None)
    return trace
sys.settrace(trace)
""",
    "writes the output again when Python ends": """
import atexit, os
atexit.register(lambda: os.write(1, b'{{"schema":"envparity-snapshot-1","behaviour":{{}}}}\\n'))
""",
    "closes standard error and changes the limit of recursion": """
import os, sys
sys.setrecursionlimit(60)
os.close(2)
""",
}


# The bytecode of the altered file no longer matches the file.
_STALE = frozenset({BYTECODE_STALE})


def victim_of(scene: Scene) -> tuple[str, Expected]:
    """Append a line to an installed source file; return its key and the finding that the hook tries to prevent."""
    key = scene.one(scene.owned(".py", least=100))
    scene.write(key, scene.read(key) + b"\nimport os\n")
    return key, Expected(FILE_ALTERED, (key,))


def code_of(scene: Scene, what: str, name: str, victim: str) -> bytes:
    """Return the source of a hook; `what` is a key of PAYLOADS, and `name` is the name of the hook's module.

    `victim` is the key of the altered file, which the hook tries to hide.
    """
    clean = scene.files[victim].size
    return PAYLOADS[what].format(name=name, victim=victim.rpartition("/")[2], clean=clean).encode()


def _add_payload(what: str, number: int) -> None:
    @kind(f"hook-{number:02}-{'-'.join(what.split()[:3])}".lower().replace(".", "-"))
    def hook(scene: Scene) -> Mutation:
        name = scene.new_name()
        victim, altered = victim_of(scene)
        scene.write(f"site/{name}.py", code_of(scene, what, name, victim))
        path = f"site/{name}.pth"
        scene.write(path, f"import {name}\n".encode())
        strays = Expected(FILE_EXTRANEOUS, (path, f"site/{name}.py"))
        return Mutation(f"{path} {what}", (Expected(STARTUP_UNOWNED, (path,)), strays, altered), _STALE)

    hook.__doc__ = f"Add a .pth file whose code {what}."


for _number, _what in enumerate(PAYLOADS, 1):
    _add_payload(_what, _number)


def _any(scene: Scene, name: str, victim: str) -> tuple[str, bytes]:
    what = scene.chance.choice(sorted(PAYLOADS))
    return what, code_of(scene, what, name, victim)


@kind("hook-in-one-line")
def hook_in_one_line(scene: Scene) -> Mutation:
    """Add a .pth file that has the whole hook in its only line, so that no module contains the hook."""
    name = scene.new_name()
    victim, altered = victim_of(scene)
    what, code = _any(scene, name, victim)
    path = f"site/{name}.pth"
    scene.write(path, b"import os; exec(" + repr(code.decode()).encode() + b")\n")
    expected = (Expected(STARTUP_UNOWNED, (path,)), Expected(FILE_EXTRANEOUS, (path,)), altered)
    return Mutation(f"{path} {what}", expected, _STALE)


@kind("hook-of-a-distribution")
def hook_of_a_distribution(scene: Scene) -> Mutation:
    """Install a distribution that is not in the lock; its RECORD lists the hook correctly."""
    name = scene.new_name()
    victim, altered = victim_of(scene)
    what, code = _any(scene, name, victim)
    files = {f"{name}.pth": f"import {name}\n".encode(), f"{name}.py": code}
    info = scene.install(name, "1.0", files)
    expected = (
        Expected(STARTUP_UNLOCKED, (f"site/{name}.pth",), distribution=name),
        Expected(LOCK_EXTRA, (info,)),
        altered,
    )
    return Mutation(f"{name} 1.0 {what}", expected, _STALE)


@kind("hook-of-virtualenv")
def hook_of_virtualenv(scene: Scene) -> Mutation:
    """Add a hook under the names of the files that virtualenv and uv write into a new environment."""
    victim, altered = victim_of(scene)
    what, code = _any(scene, "_virtualenv", victim)
    scene.write("site/_virtualenv.pth", b"import _virtualenv")
    scene.write("site/_virtualenv.py", code)
    expected = (Expected(STARTUP_ALTERED, ("site/_virtualenv.py",)), altered)
    return Mutation(f"site/_virtualenv.py {what}", expected, _STALE | {STARTUP_CODE})


@kind("hook-in-start-file")
def hook_in_start_file(scene: Scene) -> Mutation:
    """Add a .start file (PEP 829), whose functions Python 3.15 calls."""
    name = scene.new_name()
    scene.write(f"site/{name}.py", b"def begin():\n    import os\n    os.scandir = None\n")
    path = f"site/{name}.start"
    scene.write(path, f"{name}:begin\n".encode())
    strays = Expected(FILE_EXTRANEOUS, (path, f"site/{name}.py"))
    return Mutation(f"added {path}", (Expected(STARTUP_UNOWNED, (path,)), strays))


@kind("hook-hidden-name")
def hook_hidden_name(scene: Scene) -> Mutation:
    """Add a .pth file whose name begins with a dot; old versions of Python, such as 3.11.2, read such a file."""
    path = f"site/.{scene.new_name()}.pth"
    scene.write(path, b"import os\n")
    return Mutation(f"added {path}", (Expected(STARTUP_UNOWNED, (path,)), Expected(FILE_EXTRANEOUS, (path,))))


@kind("hook-for-every-script")
def hook_for_every_script(scene: Scene) -> Mutation:
    """Add a module next to the scripts, with the name of a standard library module; scripts import it by mistake."""
    name = scene.chance.choice(["json", "re", "os", "importlib", "typing", "socket"])
    path = f"scripts/{scene.chance.choice([f'{name}.py', f'{name}/__init__.py'])}"
    scene.write(path, b"import sys\n")
    return Mutation(f"added {path}", (Expected(STDLIB_SHADOWED, (path,)),), frozenset({FILE_UNOWNED}))
