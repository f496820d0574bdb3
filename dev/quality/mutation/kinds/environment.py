"""What is around the installed files: the environment's own, and what the caller's variables add."""

from dev.quality.mutation.expectation import Expected, How, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.integrity.files import FILE_UNOWNED
from envparity.judge.interpreter import PATH_HIDDEN
from envparity.judge.transform import TRANSFORM_VENV


@kind("path-from-variable")
def path_from_variable(scene: Scene) -> Mutation:
    """PYTHONPATH set where the door is opened."""
    command = ("env", f"PYTHONPATH={scene.world.outside}")
    expected = (Expected(PATH_HIDDEN, says="PYTHONPATH"),)
    return Mutation("PYTHONPATH set", expected, command=command)


@kind("activation-altered", How.COMPARE)
def activation_altered(scene: Scene) -> Mutation:
    """An activate script altered: what makes environments writes it, and nothing says what it should be."""
    key = scene.one(key for key in scene.files if key.startswith("scripts/activate"))
    scene.write(key, scene.read(key) + b"\n# more\n")
    return Mutation(f"altered {key}", (Expected(TRANSFORM_VENV, (key,)),))


@kind("beside-the-importable", How.CHECK)
def beside_the_importable(scene: Scene) -> Mutation:
    """A file in the environment outside its importable folders: told, and no error."""
    key = f"data/{scene.chance.choice(['share', 'etc', 'lib/python3.11'])}/{scene.new_name()}.py"
    scene.write(key, b"1\n")
    return Mutation(f"added {key}", (Expected(FILE_UNOWNED, (key,)),))
