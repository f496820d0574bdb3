"""Tests of which `__init__.py` files only make a namespace package, which several distributions may share."""

import pytest
from environment_builder import Environment
from probing import wrong

from envparity.probe.namespaces import NAMESPACE_AT_MOST, namespace_in

WORDINGS = {
    "pkgutil": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
    "pkgutil with a type comment": (
        "from pkgutil import extend_path\n\n__path__ = extend_path(__path__, __name__)  # type: ignore\n"
    ),
    "pkgutil as a module": "import pkgutil\n__path__ = pkgutil.extend_path(__path__, __name__)\n",
    "pkg_resources": '"""A namespace."""\n__import__("pkg_resources").declare_namespace(__name__)\n',
    "both": (
        "# A licence\ntry:\n    __import__('pkg_resources').declare_namespace(__name__)\n"
        "except ImportError:\n    __path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    ),
    "with modulefinder": (
        "try:\n    import pkg_resources\n    pkg_resources.declare_namespace(__name__)\nexcept ImportError:\n"
        "    # do not need setuptools\n    from pkgutil import extend_path\n"
        "    __path__ = extend_path(__path__, __name__)\n\n"
        "try:\n    import modulefinder\nexcept ImportError:\n    pass\nelse:\n    for p in __path__:\n"
        "        modulefinder.AddPackagePath(__name__, p)\n"
    ),
    "without warnings": (
        "import warnings\nwith warnings.catch_warnings():\n    warnings.filterwarnings('ignore')\n"
        "    import pkg_resources\n    pkg_resources.declare_namespace(__name__)\n"
    ),
    "with an author": "__author__ = 'me'\n__all__ = ['a']\n"
    + "__path__ = __import__('pkgutil').extend_path(__path__, 'a')\n",
}
OTHERS = {
    "empty": "",
    "a comment": "# extend_path\n",
    "code": "value = 1\n",
    "a function of this name": "def extend_path(): pass\n",
    "no Python": "__path__ = extend_path(\n",
    "deeply nested": "extend_path" + "(" * 900 + ")" * 900,
}
WITH_CODE = {
    "a function": "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\ndef run(): pass\n",
    "its own module": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\nfrom .core import run\n",
    "another module": "import pkgutil, requests\n__path__ = pkgutil.extend_path(__path__, __name__)\n",
    "a value": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\nlevel = int('3')\n",
}


@pytest.mark.parametrize("wording", WORDINGS)
def test_every_wording_makes_a_namespace(wording: str) -> None:
    assert namespace_in(WORDINGS[wording].encode(), []) == "only"
    claims = [("a", "", ""), ("b", "", "81")]
    assert namespace_in(WORDINGS[wording].replace("\n", "\r\n").encode(), claims) == "only"


@pytest.mark.parametrize("wording", OTHERS)
def test_any_other_package_is_no_namespace(wording: str) -> None:
    assert namespace_in(OTHERS[wording].encode(), []) is None


@pytest.mark.parametrize("wording", WITH_CODE)
def test_a_namespace_may_have_code(wording: str) -> None:
    assert namespace_in(WITH_CODE[wording].encode(), []) == "code"


def test_a_claim_on_much_code_is_about_code() -> None:
    data = WORDINGS["pkgutil"].encode()
    assert namespace_in(data, [("a", "", "81"), ("b", "", str(NAMESPACE_AT_MOST + 1))]) == "code"
    assert namespace_in(data + b"#" * NAMESPACE_AT_MOST, []) == "code"


def test_a_namespace_with_code_is_shared_and_not_contested(empty: Environment) -> None:
    empty.add("core", files={"space/__init__.py": WITH_CODE["a function"], "space/core.py": ""})
    empty.add("part", files={"space/part.py": ""})
    assert wrong(empty.probe()) == set()
    empty.add("other", files={"space/__init__.py": WORDINGS["pkgutil"]})
    (empty.site / "space/__init__.py").write_text(WITH_CODE["a function"])
    assert wrong(empty.probe()) == {"path-contested"}


def test_distributions_share_a_namespace_however_each_words_it(empty: Environment) -> None:
    for number, wording in enumerate(WORDINGS.values()):
        empty.add(f"part-{number}", files={"space/__init__.py": wording, f"space/part{number}/__init__.py": "x = 1\n"})
        empty.add(f"deep-{number}", files={"deep/in/__init__.py": wording, f"deep/in/part{number}.py": ""})
    empty.add("modern", files={"space/modern/__init__.py": "", "deep/in/modern.py": ""})
    assert wrong(empty.probe()) == set()


def test_a_namespace_that_replaced_code_is_contested(empty: Environment) -> None:
    empty.add("real", files={"space/__init__.py": "x = 1\n" * NAMESPACE_AT_MOST})
    empty.add("part", files={"space/__init__.py": WORDINGS["pkgutil"], "space/part.py": ""})
    assert "path-contested" in wrong(empty.probe())


def test_a_namespace_that_somebody_edited_is_contested(empty: Environment) -> None:
    for number in (1, 2):
        empty.add(f"part-{number}", files={"space/__init__.py": list(WORDINGS.values())[number]})
    (empty.site / "space/__init__.py").write_text(WORDINGS["both"])
    assert "path-contested" in wrong(empty.probe())
