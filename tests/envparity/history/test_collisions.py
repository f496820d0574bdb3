"""Tests of collisions: one distribution overwrites or hides files of another with the same import name.

A provider is a distribution that installs files of an import name. A name may have several providers without a
collision of their files.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wheels import sdist_bytes, wheel_bytes

from envparity.history.collisions import Collision, collisions
from envparity.history.contents import Contents, read_contents

PKGUTIL = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def wheel(folder: Path, name: str, files: dict[str, str], version: str = "1.0", *, record: bool = True) -> Contents:
    path = folder / f"{name}-{version}-py3-none-any.whl"
    path.write_bytes(wheel_bytes(name, version, files, record=record))
    return read_contents(path)


def sdist(folder: Path, name: str, *names: str) -> Contents:
    path = folder / f"{name}-1.0.tar.gz"
    path.write_bytes(sdist_bytes(name, "1.0", names))
    return read_contents(path)


def test_different_bytes_at_the_same_path_collide(folder: Path) -> None:
    one = wheel(folder, "one", {"shared/__init__.py": "1", "shared/a.py": "1", "one.py": ""})
    two = wheel(folder, "two", {"shared/__init__.py": "2", "shared/a.py": "2", "two.py": ""})
    expected = Collision("shared", ("one 1.0", "two 1.0"), ("shared/__init__.py", "shared/a.py"))
    assert collisions([one, two]) == collisions([two, one]) == (expected,)


def test_the_same_bytes_do_no_harm(folder: Path) -> None:
    files = {"shared/__init__.py": "1", "single.py": "1", "fast.abi3.so": "1"}
    both = [wheel(folder, "one", files), wheel(folder, "two", files, record=False)]
    assert collisions(both) == ()


def test_only_contested_paths_are_listed(folder: Path) -> None:
    one = wheel(folder, "one", {"shared/__init__.py": "", "shared/a.py": "1", "shared/one.py": ""})
    two = wheel(folder, "two", {"shared/__init__.py": "", "shared/a.py": "2", "shared/two.py": ""})
    assert collisions([one, two]) == (Collision("shared", ("one 1.0", "two 1.0"), ("shared/a.py",)),)


def test_an_old_style_namespace_package_is_no_collision(folder: Path) -> None:
    one = wheel(folder, "one", {"shared/__init__.py": PKGUTIL, "shared/one.py": "1"})
    two = wheel(folder, "two", {"shared/__init__.py": PKGUTIL, "shared/two.py": "2"})
    assert collisions([one, two]) == ()


def test_a_native_namespace_package_is_no_collision(folder: Path) -> None:
    one = wheel(folder, "one", {"space/one.py": "1"})
    two = wheel(folder, "two", {"space/two/__init__.py": "2"})
    assert collisions([one, two]) == ()
    # It is no collision if a distribution only adds files to the package of another distribution.
    assert collisions([one, wheel(folder, "owner", {"space/__init__.py": ""})]) == ()


def test_contested_files_in_a_namespace_package_collide(folder: Path) -> None:
    one, two = wheel(folder, "one", {"space/a.py": "1"}), wheel(folder, "two", {"space/a.py": "2"})
    assert collisions([one, two]) == (Collision("space", ("one 1.0", "two 1.0"), ("space/a.py",)),)


def test_contested_files_in_a_data_folder_collide(folder: Path) -> None:
    one, two = wheel(folder, "one", {"docs/index.html": "1"}), wheel(folder, "two", {"docs/index.html": "2"})
    assert [one.paths for one in collisions([one, two])] == [("docs/index.html",)]
    assert collisions([one, wheel(folder, "three", {"docs/other.html": "2"})]) == ()


def test_a_module_and_a_package_of_one_name_collide(folder: Path) -> None:
    one, two = wheel(folder, "one", {"shared.py": ""}), wheel(folder, "two", {"shared/__init__.py": ""})
    assert collisions([one, two]) == (Collision("shared", ("one 1.0", "two 1.0"), ()),)


def test_a_module_and_an_extension_module_of_one_name_collide(folder: Path) -> None:
    one, two = wheel(folder, "one", {"shared.py": ""}), wheel(folder, "two", {"shared.abi3.so": ""})
    assert collisions([one, two]) == (Collision("shared", ("one 1.0", "two 1.0"), ()),)


@pytest.mark.parametrize(
    ("inside", "folder_name", "found"),
    [
        ("{info}.data/scripts/tool", "scripts/", "scripts/tool"),
        ("{info}.data/data/bin/tool", "scripts/", "scripts/tool"),
        ("{info}.data/data/share/man/man1/tool.1", "data/", "data/share/man/man1/tool.1"),
        ("{info}.data/data/etc/tool.conf", "data/", "data/etc/tool.conf"),
        ("hooks.pth", "site/", "site/hooks.pth"),
        ("not-a-name/data.txt", "site/", "site/not-a-name/data.txt"),
    ],
)
def test_files_outside_import_names_collide(folder: Path, inside: str, folder_name: str, found: str) -> None:
    each = [wheel(folder, name, {inside.format(info=f"{name}-1.0"): name}) for name in ("one", "two")]
    assert collisions(each) == (Collision(folder_name, ("one 1.0", "two 1.0"), (found,)),)
    same = [wheel(folder, name, {inside.format(info=f"{name}-1.0"): "same"}) for name in ("one", "two")]
    assert collisions(same) == ()


def test_scripts_of_different_entry_points_collide(folder: Path) -> None:
    def console(name: str, *lines: str) -> Contents:
        text = "\n".join(["[console_scripts]", *lines]) + "\n"
        return wheel(folder, name, {f"{name}-1.0.dist-info/entry_points.txt": text})

    one, two = (
        console("one", "tool = one:main", "other = x:y"),
        console("two", "tool=two:main", "other = x : y [extra]"),
    )
    assert collisions([one, two]) == (Collision("scripts/", ("one 1.0", "two 1.0"), ("scripts/tool",)),)
    plain = wheel(folder, "three", {"three-1.0.data/scripts/other": "#!python\n"})
    assert [found.paths for found in collisions([one, plain])] == [("scripts/other",)]


def test_headers_are_in_the_folder_of_their_distribution(folder: Path) -> None:
    each = [wheel(folder, name, {f"{name}-1.0.data/headers/api.h": name}) for name in ("one", "two")]
    assert collisions(each) == ()
    assert list(each[0].outside) == ["data/include/site/python/one/api.h"]


def test_texts_for_people_do_not_collide(folder: Path) -> None:
    names = ("LICENSE", "README.md", "CHANGELOG.rst", "LICENSE.APACHE", "SECURITY.md", "THANKS")
    assert collisions([wheel(folder, name, dict.fromkeys(names, name)) for name in ("one", "two")]) == ()


def test_a_single_distribution_collides_with_nothing(folder: Path) -> None:
    alone = wheel(folder, "one", {"shared.py": "", "shared.abi3.so": "", "shared/__init__.py": ""})
    assert collisions([alone]) == collisions([]) == ()
    assert collisions([alone, wheel(folder, "two", {"two.py": ""})]) == ()


def test_a_namespace_package_and_a_module_do_not_collide(folder: Path) -> None:
    assert collisions([wheel(folder, "one", {"shared.py": ""}), wheel(folder, "two", {"shared/x.py": ""})]) == ()


def test_an_sdist_collides_by_its_import_names(folder: Path) -> None:
    built = wheel(folder, "one", {"shared/__init__.py": ""})
    assert collisions([built, sdist(folder, "two", "shared", "other")]) == (
        Collision("shared", ("one 1.0", "two 1.0"), ()),
    )
    assert collisions([built, sdist(folder, "three", "other")]) == ()


def test_names_with_a_common_beginning_do_not_collide(folder: Path) -> None:
    one = wheel(folder, "one", {"shared/one.py": "", "shared_more/a.py": "1"})
    two = wheel(folder, "two", {"shared/two.py": "", "shared_more/a.py": "2"})
    assert [found.name for found in collisions([one, two])] == ["shared_more"]


def test_a_collision_may_have_three_providers(folder: Path) -> None:
    one = wheel(folder, "one", {"shared/__init__.py": "1", "shared/a.py": "same"})
    two = wheel(folder, "two", {"shared/__init__.py": "2", "shared/a.py": "same"})
    three = wheel(folder, "three", {"shared/__init__.py": "2", "shared/b.py": "3"})
    aside = wheel(folder, "aside", {"shared/c.py": "3"})
    assert collisions([three, aside, two, one]) == (
        Collision("shared", ("one 1.0", "three 1.0", "two 1.0"), ("shared/__init__.py",)),
    )


def test_each_name_is_listed_once_in_order(folder: Path) -> None:
    one = wheel(folder, "one", {"b.py": "1", "a.py": "1", "c/x.py": "1"})
    two = wheel(folder, "two", {"b.py": "2", "a.py": "2", "c/x.py": "2"})
    assert [found.name for found in collisions([one, two])] == ["a", "b", "c"]


def test_a_new_version_is_the_same_collision(folder: Path) -> None:
    def pair(first: str, second: str) -> Collision:
        one = wheel(folder, "one", {"shared.py": first}, first)
        (found,) = collisions([one, wheel(folder, "two-three", {"shared.py": f"other {second}"}, second)])
        return found

    assert pair("1.0", "2.0").name == pair("1.0.post1", "3.0rc1").name == "shared"
    assert pair("1.0", "2.0").distributions == pair("1.0.post1", "3.0rc1").distributions == {"one", "two-three"}
    assert pair("1.0", "2.0") != pair("1.1", "2.0")


def test_control_characters_in_a_collision_are_escaped() -> None:
    pair = [
        Contents(name, "1\x1b[2J", (), {"a": {"a": "package"}}, {"a/\u202ex.py": f"sha256={name}"})
        for name in ("one\r\n", "two")
    ]
    (found,) = collisions(pair)
    assert all(text.isprintable() for text in (found.name, *found.providers, *found.paths))


TAKEN = ("a/__init__.py", "a.abi3.so", "a.py")  # `import a` looks for these paths in this order
FILES = st.dictionaries(
    st.sampled_from(["a.py", "a.abi3.so", "a/__init__.py", "a/b.py", "a/c.py", "d/e.py", "d/f.txt"]),
    st.sampled_from(["1", "2"]),
    max_size=5,
)


@given(each=st.lists(FILES, max_size=4), unrelated=FILES)
def test_a_collision_is_reported_exactly_if_an_install_overwrites_or_hides(
    tmp_path_factory: pytest.TempPathFactory, each: list[dict[str, str]], unrelated: dict[str, str]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    together = [wheel(folder, f"one{number}", files) for number, files in enumerate(each)]
    found = collisions(together)
    assert found == collisions(together[::-1])
    overwritten = {path for files in each for path in files if len({one[path] for one in each if path in one}) > 1}
    assert {path for one in found for path in one.paths} == overwritten
    assert all(len(one.providers) > 1 and one.paths == tuple(sorted(one.paths)) for one in found)
    # `taken` has the path that `import a` would find in each distribution alone. If these paths differ, the import name
    # `a` must be a collision.
    taken = {taken for files in each if (taken := next((path for path in TAKEN if path in files), None))}
    assert len(taken) < 2 or "a" in {one.name for one in found}
    # A distribution that shares no import name with the others adds no collision.
    apart = wheel(folder, "apart", {f"x_{path}": content for path, content in unrelated.items()})
    assert collisions([*together, apart]) == found
