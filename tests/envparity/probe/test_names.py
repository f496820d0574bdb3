"""Tests of the top-level import names that the probe (the program that reads an environment) finds."""

import sys

from environment_builder import Environment


def test_namespace_packages_of_all_three_kinds_are_recognised(empty: Environment) -> None:
    old = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    for one in ("a", "b"):
        empty.add(
            f"alpha-{one}",
            files={
                f"native/{one}.py": "",
                "old/__init__.py": old,
                f"old/{one}.py": "",
                f"alpha_{one}-nspkg.pth": "import sys\n",
            },
        )
    names = empty.probe().names
    assert [(name, names[name].places[0].kind) for name in ("native", "old")] == [
        ("native", "namespace"),
        ("old", "package"),
    ]
    assert names["native"].places[0].providers == names["old"].places[0].providers == ("alpha-a", "alpha-b")


def test_names_of_the_standard_library_are_marked(empty: Environment) -> None:
    empty.add("alpha", files={"json/__init__.py": "", "alpha.py": ""})
    names = empty.probe().names
    assert names["json"].stdlib
    assert not names["alpha"].stdlib
    assert sys.version_info >= (3, 10)
