"""Mutations outside the distributions: of files such as activate scripts, and of environment variables.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

from dev.quality.mutation.expectation import Expected, How, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.integrity.files import FILE_UNOWNED
from envparity.judge.interpreter import PATH_HIDDEN
from envparity.judge.transform import TRANSFORM_VENV


@kind("path-from-variable")
def path_from_variable(scene: Scene) -> Mutation:
    """Set the variable PYTHONPATH when envparity starts the environment's Python."""
    command = ("env", f"PYTHONPATH={scene.world.outside}")
    expected = (Expected(PATH_HIDDEN, says="PYTHONPATH"),)
    return Mutation("PYTHONPATH set", expected, command=command)


@kind("activation-altered", How.COMPARE)
def activation_altered(scene: Scene) -> Mutation:
    """Alter an activate script.

    Only `envparity compare` notices the change, because no RECORD lists the scripts that venv and uv write.
    """
    key = scene.one(key for key in scene.files if key.startswith("scripts/activate"))
    scene.write(key, scene.read(key) + b"\n# more\n")
    return Mutation(f"altered {key}", (Expected(TRANSFORM_VENV, (key,)),))


@kind("beside-the-importable", How.CHECK)
def beside_the_importable(scene: Scene) -> Mutation:
    """Add a file to a folder from which Python imports nothing; envparity reports the file, but not as an error."""
    key = f"data/{scene.chance.choice(['share', 'etc', 'lib/python3.11'])}/{scene.new_name()}.py"
    scene.write(key, b"1\n")
    return Mutation(f"added {key}", (Expected(FILE_UNOWNED, (key,)),))
