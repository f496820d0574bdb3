"""Mutations of import names, for example a module that hides another module, or code that Python runs at its start.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

from dev.quality.mutation.expectation import Expected, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.built import EXTENSION_FOREIGN, LIBRARY_MISSING
from envparity.judge.integrity.files import FILE_ALTERED, FILE_EXTRANEOUS, FILE_MISSING
from envparity.judge.names import NAME_SHADOWED, NAME_SHARED
from envparity.judge.startup import STARTUP_UNOWNED

_STANDARD = ("json", "asyncio", "ssl", "typing", "random", "socket", "secrets")


@kind("name-shadowed")
def name_shadowed(scene: Scene) -> Mutation:
    """Add a module next to a package of the same name, or a package next to a module."""
    found = scene.chance.choice(
        [
            (name, places.places[0])
            for name, places in sorted(scene.snapshot.names.items())
            if len(places.places) == 1 and places.places[0].kind in ("module", "package")
        ]
    )
    name, place = found
    suffixes = scene.snapshot.interpreter.extension_suffixes
    new = {
        "package": scene.chance.choice([f"site/{name}.py", f"site/{name}{suffixes[0]}", f"site/{name}.pyc"]),
        "module": f"site/{name}/__init__.py",
    }[place.kind]
    scene.write(new, b"1\n")
    there = new.removesuffix("/__init__.py")
    expected = (Expected(NAME_SHADOWED, (place.path, there)), Expected(FILE_EXTRANEOUS, (new,)))
    return Mutation(f"{new} next to {place.path}", expected)


@kind("standard-name-taken")
def standard_name_taken(scene: Scene) -> Mutation:
    """Add a module or package with the name of a standard library module."""
    name = scene.chance.choice(_STANDARD)
    key = scene.chance.choice([f"site/{name}.py", f"site/{name}/__init__.py", f"site/{name}.so"])
    scene.write(key, b"1\n")
    there = key.removesuffix("/__init__.py")
    expected = (Expected(NAME_SHADOWED, (there,)), Expected(FILE_EXTRANEOUS, (key,)))
    return Mutation(f"added {key}", expected)


@kind("module-added")
def module_added(scene: Scene) -> Mutation:
    """Add a top-level module, for example `sitecustomize`, which Python imports at its start."""
    # In a virtual environment, Python does not import `usercustomize`. Debian's Python has its own `sitecustomize`, and
    # imports that module instead of the added module.
    name = scene.chance.choice([scene.new_name(), "sitecustomize", "usercustomize"])
    key = f"site/{name}.py"
    scene.write(key, b"1\n")
    return Mutation(f"added {key}", (Expected(FILE_EXTRANEOUS, (key,)),), frozenset({STARTUP_UNOWNED}))


@kind("bytecode-module-added")
def bytecode_module_added(scene: Scene) -> Mutation:
    """Add a module without source: bytecode in a folder from which Python imports modules."""
    key = f"{scene.chance.choice(['site', scene.a_folder()])}/{scene.new_name()}.pyc"
    source = scene.one(scene.with_bytecode())
    scene.write(key, scene.read(scene.bytecode_of(source)))
    return Mutation(f"added {key}", (Expected(FILE_EXTRANEOUS, (key,)),))


@kind("extension-before-module")
def extension_before_module(scene: Scene) -> Mutation:
    """Add an extension module next to a source of the same name; Python prefers the extension module."""
    source = scene.one(key for key in scene.owned(".py") if key.count("/") > 1 and not key.endswith("/__init__.py"))
    suffix = scene.chance.choice(scene.snapshot.interpreter.extension_suffixes)
    key = f"{source.removesuffix('.py')}{suffix}"
    scene.write(key, scene.read(scene.one(scene.owned(".so"))))
    expected = (Expected(FILE_EXTRANEOUS, (key,)),)
    return Mutation(f"added {key}", expected, frozenset({LIBRARY_MISSING}))


@kind("path-file-code")
def path_file_code(scene: Scene) -> Mutation:
    """Add a .pth file with code that Python runs at every start."""
    key = f"site/{scene.new_name()}.pth"
    scene.write(key, b"import sys\n")
    expected = (Expected(STARTUP_UNOWNED, (key,)), Expected(FILE_EXTRANEOUS, (key,)))
    return Mutation(f"added {key}", expected)


@kind("path-file-folder")
def path_file_folder(scene: Scene) -> Mutation:
    """Add a .pth file that adds a folder to `sys.path`."""
    key = f"site/{scene.new_name()}.pth"
    scene.write(key, f"{scene.world.outside}\n".encode())
    return Mutation(f"added {key}", (Expected(FILE_EXTRANEOUS, (key,)),))


@kind("namespace-closed")
def namespace_closed(scene: Scene) -> Mutation:
    """Add an __init__.py to a namespace package, which hides the parts of the namespace in other folders."""
    place = scene.chance.choice(
        [
            place
            for found in scene.snapshot.names.values()
            for place in found.places
            if place.kind == "namespace" and len(found.places) == 1
        ]
    )
    key = f"{place.path}/__init__.py"
    scene.write(key, b"")
    expected = (Expected(FILE_EXTRANEOUS, (key,)),)
    return Mutation(f"added {key}", expected, frozenset({NAME_SHARED}))


@kind("extension-of-another-python")
def extension_of_another_python(scene: Scene) -> Mutation:
    """Rename an extension module so that the tag in its file name names another Python, such as cpython-310."""
    own = scene.snapshot.interpreter.extension_suffixes[0]
    key = scene.one(key for key in scene.owned(own) if key.endswith(own))
    other = key.removesuffix(own) + own.replace("cpython-311", scene.chance.choice(["cpython-310", "pypy310-pp73"]))
    scene.edit.move(scene.path(key), scene.path(other))
    expected = (
        Expected(EXTENSION_FOREIGN, (other,)),
        Expected(FILE_MISSING, (key,)),
        Expected(FILE_EXTRANEOUS, (other,)),
    )
    return Mutation(f"renamed {key} to {other}", expected)


@kind("extension-of-another-machine")
def extension_of_another_machine(scene: Scene) -> Mutation:
    """Change the ELF header of an extension module to another machine or another class (32 or 64 bits)."""
    key = scene.one(scene.owned(".so"))
    data = bytearray(scene.read(key))
    if scene.chance.random() < 0.7:
        data[18:20] = scene.chance.choice([183, 40, 21, 243]).to_bytes(2, "little")
    else:
        data[4] = 3 - data[4]
    scene.write(key, bytes(data))
    expected = (Expected(EXTENSION_FOREIGN, (key,)), Expected(FILE_ALTERED, (key,)))
    return Mutation(f"another machine in {key}", expected, frozenset({LIBRARY_MISSING}))
