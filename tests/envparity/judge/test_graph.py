"""Tests of the graph of the requirements between installed distributions."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from judging import edited
from packaging.markers import Marker

from envparity.judge.graph import Edge, Graph, holds, parsed
from envparity.snapshot.types import Distribution


def graph(
    clean: bytes, requires: dict[str, list[str]], roots: tuple[str, ...] = (), label: str = ""
) -> Graph[Distribution]:
    """Return the graph of an environment that has the distributions in `requires`, each with its requirements.

    `roots` are the requirements that the environment was made from, and `label` stands for them in a path.
    """

    def change(document: dict[str, Any]) -> None:
        one = document["distributions"][0]
        document["distributions"] = [
            {**one, "id": name.lower(), "name": name, "metadata": f"site/{name}-1.0.dist-info", "requires": texts}
            for name, texts in requires.items()
        ]

    return Graph(edited(clean, change), roots, label)


def paths(found: Graph[Distribution], name: str, most: int = 20) -> list[list[str]]:
    return [[path[0].source, *(edge.target for edge in path)] for path in found.paths_to(name, most)]


def test_paths_begin_at_a_root_and_the_shortest_is_first(clean: bytes) -> None:
    found = graph(clean, {"app": ["lib>=1", "leaf"], "lib": ["Leaf<2"], "leaf": [], "alone": []})
    assert paths(found, "leaf") == [["app", "leaf"], ["app", "lib", "leaf"]]
    assert paths(found, "app") == []
    assert paths(found, "unknown") == []
    assert found.required_by("leaf") == [Edge("app", "leaf", "leaf"), Edge("lib", "leaf", "Leaf<2")]
    assert paths(found, "leaf", 1) == [["app", "leaf"]]


def test_paths_begin_with_the_name_of_the_roots(clean: bytes) -> None:
    found = graph(clean, {"app": ["leaf"], "leaf": []}, ("app==1", "leaf"), "the track one")
    assert paths(found, "leaf") == [["the track one", "leaf"], ["the track one", "app", "leaf"]]
    assert found.required_by("leaf")[1] == Edge("the track one", "leaf", "leaf")


def test_markers_are_evaluated_for_the_interpreter_of_the_environment(clean: bytes) -> None:
    requires = ["never ; python_version < '3'", "always ; python_version >= '3'", "odd ; os_name ~= 'x'"]
    found = graph(clean, {"app": requires, "never": [], "always": [], "odd": []})
    assert paths(found, "always") == [["app", "always"]]
    assert paths(found, "never") == paths(found, "odd") == []


def test_extras_are_followed_if_a_requirement_names_them(clean: bytes) -> None:
    requires = {
        "zlib": ["deep ; extra == 'Some_Thing'", "not ; extra == 'other'"],
        "app": ["zlib[some.thing]"],
        "deep": [],
        "not": [],
    }
    assert paths(graph(clean, requires), "deep") == [["app", "zlib", "deep"]]
    assert paths(graph(clean, requires), "not") == []
    assert paths(graph(clean, {**requires, "app": ["zlib"]}), "deep") == []


def test_an_extra_may_require_another_extra_of_the_same_distribution(clean: bytes) -> None:
    requires = {"app": ["app[one] ; extra == 'all'", "leaf ; extra == 'one'"], "leaf": []}
    assert paths(graph(clean, requires, ("app[all]",), "the track"), "leaf") == [["the track", "app", "leaf"]]
    # Without `roots`, app is the root, although it requires itself.
    assert paths(graph(clean, {"app": ["app", "leaf"], "leaf": []}), "leaf") == [["app", "leaf"]]


def test_a_cycle_of_requirements_has_an_end(clean: bytes) -> None:
    found = graph(clean, {"app": ["a"], "a": ["b"], "b": ["c", "a"], "c": ["a"]})
    assert paths(found, "c") == [["app", "a", "b", "c"]]
    assert paths(graph(clean, {"a": ["b"], "b": ["a"]}), "a") == []


def test_a_dense_graph_has_an_end(clean: bytes) -> None:
    names = [f"n{number}" for number in range(40)]
    found = graph(clean, {name: [other for other in names if other != name] for name in names} | {"app": names})
    assert len(paths(found, "n7")) == 20
    assert paths(found, "n7")[0] == ["app", "n7"]


def test_a_long_chain_of_extras_has_an_end(clean: bytes) -> None:
    chain = [f"app[x{number + 1}] ; extra == 'x{number}'" for number in range(300)]
    found = graph(clean, {"app": [*chain, "leaf ; extra == 'x300'"], "root": ["app[x0]"], "leaf": []})
    assert paths(found, "leaf") == [["root", "app", "leaf"]]


def test_invalid_requirements_are_ignored(clean: bytes) -> None:
    garbage = ["", "!", "a b", "x" * 10000 + "!", "leaf ; " + "(" * 3000, "leaf @ ", "\x1b[2J", "leaf[", "[]"]
    found = graph(clean, {"app": [*garbage, "leaf"], "leaf": []})
    assert paths(found, "leaf") == [["app", "leaf"]]
    assert [parsed(text) for text in garbage] == [None] * len(garbage)


def test_of_two_copies_the_first_counts(clean: bytes) -> None:
    found = graph(clean, {"App": ["leaf"], "app": ["other"], "leaf": [], "other": []})
    assert paths(found, "leaf") == [["app", "leaf"]]
    assert paths(found, "other") == []


def test_a_marker_holds_or_does_not_hold_or_is_unknown(clean: bytes) -> None:
    environment = edited(clean).marker_environment
    assert holds(None, environment) is True
    assert holds(Marker("os_name == 'posix'"), environment) is True
    assert holds(Marker("os_name == 'other'"), environment) is False
    assert holds(Marker("os_name ~= 'x'"), environment) is None
    assert holds(Marker("'a' in dependency_groups"), environment) is None
    assert not holds(Marker("python_full_version > '3'"), environment | {"python_full_version": "no version"})


WORDS = [
    *"leaf app [ ] x >=1 < ~= === ; extra == 'x' and ( ) os_name python_version @ http://[ , in not extras".split(),
    *(" ", "\n", "'a b'", "platform_release"),
]


@settings(max_examples=150)
@given(texts=st.lists(st.lists(st.sampled_from(WORDS)).map("".join), max_size=8))
def test_any_requirements_make_a_graph(clean: bytes, texts: list[str]) -> None:
    found = graph(clean, {"app": texts, "leaf": texts, "x": []})
    for name in ("app", "leaf", "x"):
        assert all(path[-1].target == name for path in found.paths_to(name))
