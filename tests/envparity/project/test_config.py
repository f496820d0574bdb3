"""Tests of a project's settings in pyproject.toml, and of the errors for wrong settings."""

from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.judge.acceptance import Acceptance
from envparity.project.config import Config, Tool, find_config

WHOLE = """
[dependency-groups]
one = ["alpha", "beta @ https://example.com/beta.whl", { include-group = "more" }]
more = ["gamma @ git+https://example.com/gamma.git@c0ffee"]

[tool.envparity]
track = "one"
tracks = ["one", "two"]
locks = "locks/{track}.txt"
toolchain = "toolchain.toml"
exact = true

[tool.envparity.doors]
venv = ".venv-{track}/bin/python"

[tool.envparity.rebuild]
venv = "make wheels {folder}"

[tool.envparity.probes.weaver]
command = ["weaver", "--version"]
pattern = "weaver (.+)"

[[tool.envparity.behaviour]]
name = "everywhere"
code = "result = 1"
expect = "1"

[[tool.envparity.behaviour]]
name = "one only"
code = "result = 2"
expect = { one = "2", two = "3" }
tracks = ["one"]

[[tool.envparity.accept]]
code = "top-level-squatter"
path = "site/tests"
reason = "nobody imports it"
"""
TOOLCHAIN = """
[python]
series = "3.11"
[expect.python]
versions = "~=3.11.0"
differ = "why"
[expect.git]
[doors.image]
has = "the tools of the base"
without = ["git"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(WHOLE)
    (tmp_path / "toolchain.toml").write_text(TOOLCHAIN)
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "one.txt").write_text("alpha==1.0\n")
    return tmp_path


def test_every_field_is_read(project: Path) -> None:
    config = find_config(project)
    assert (config.root, config.track, config.tracks) == (project, "one", ("one", "two"))
    assert config.doors == {"venv": ".venv-{track}/bin/python"}
    assert (config.without("image"), config.without("venv")) == (frozenset({"git"}), frozenset())
    assert config.groups["one"] == (
        "alpha",
        "beta @ https://example.com/beta.whl",
        "gamma @ git+https://example.com/gamma.git@c0ffee",
    )
    assert config.accept == (Acceptance("top-level-squatter", "site/tests", "nobody imports it"),)
    assert config.probes == {"weaver": {"command": ["weaver", "--version"], "pattern": "weaver (.+)"}}
    assert str(config.tools["python"].versions) == "~=3.11.0"
    assert config.tools["python"].differ == "why"
    assert config.tools["git"].versions is None
    assert config.exact
    assert config.rebuild == {"venv": "make wheels {folder}"}


def test_behaviour_checks_know_their_tracks(project: Path) -> None:
    everywhere, one_only = find_config(project).behaviour
    assert (everywhere.expected("two"), everywhere.concerns("two"), everywhere.concerns(None)) == ("1", True, True)
    assert (one_only.expected("one"), one_only.expected("two"), one_only.expected(None)) == ("2", "3", None)
    assert (one_only.concerns("one"), one_only.concerns("two"), one_only.concerns(None)) == (True, False, False)


def test_the_nearest_project_above_is_found(project: Path) -> None:
    within = project / "a" / "b"
    within.mkdir(parents=True)
    (within / "pyproject.toml").write_text("[project]\nname = 'has no such table'\n")
    assert find_config(within).root == project


def test_without_a_project_the_settings_are_empty(tmp_path: Path) -> None:
    # This test does not search with `find_config`, because a folder above tmp_path may have a pyproject.toml.
    config = Config(root=tmp_path)
    assert config.check_track(None) is None
    assert config.lock("any") is None
    with pytest.raises(
        EnvparityError, match=r"^--track: expected no track, because no pyproject.toml here names tracks, found 'one'$"
    ):
        config.check_track("one")


def test_a_project_without_tracks_says_so(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.envparity]\nlocks = "requirements.txt"\n')
    with pytest.raises(EnvparityError) as caught:
        find_config(tmp_path).check_track("one", "--other")
    assert (
        str(caught.value)
        == f"--other: expected no track, because [tool.envparity] of {file} has no tracks, found 'one'"
    )


def test_a_track_is_one_of_the_projects_tracks_or_its_default(project: Path) -> None:
    config = find_config(project)
    assert config.check_track(None) == "one"
    assert config.check_track("two") == "two"
    with pytest.raises(EnvparityError, match=r"^--track: expected one of one, two, found 'three'$"):
        config.check_track("three")


def test_the_lock_includes_requirements_at_urls(project: Path) -> None:
    lock = find_config(project).lock("one")
    assert lock is not None
    assert [(pin.name, pin.version, pin.url) for pin in lock.for_environment({}).values()] == [
        ("alpha", "1.0", None),
        ("beta", None, "https://example.com/beta.whl"),
        ("gamma", None, "git+https://example.com/gamma.git@c0ffee"),
    ]
    with pytest.raises(
        EnvparityError, match=r"two.txt: expected a lock \(.*lines of NAME==VERSION\), found: No such file"
    ):
        find_config(project).lock("two")


def test_one_lock_for_all_needs_no_track(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.envparity]\nlocks = "locks/one.txt"\n')
    lock = find_config(project).lock(None)
    assert lock is not None
    assert list(lock.for_environment({})) == ["alpha"]
    (project / "pyproject.toml").write_text('[tool.envparity]\nlocks = "locks/{track}.txt"\n')
    with pytest.raises(
        EnvparityError, match=r"^locks: expected --track TRACK, because 'locks/\{track\}.txt' contains \{track\}, found"
    ):
        find_config(project).lock(None)


def test_another_lock_replaces_the_projects_lock(project: Path) -> None:
    (project / "other.txt").write_text("gamma==2.0\n")
    for track in (None, "one"):
        lock = find_config(project).with_lock(project / "other.txt").lock(track)
        assert lock is not None
        assert list(lock.for_environment({})) == ["gamma"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('track = "one"', 'tracs = "one"', "toolchain, track, tracks, found tracs"),
        ('track = "one"', 'track = "three"', "track: expected one of the project's tracks (one, two), found 'three'"),
        ('tracks = ["one", "two"]', 'tracks = "one"', "tracks: expected a list of strings, found 'one'"),
        ('tracks = ["one", "two"]', 'tracks = { one = "3.11" }', "tracks: one: expected a table, found '3.11'"),
        (
            'tracks = ["one", "two"]',
            'tracks = { one = { python = "3" } }',
            "one: python: expected a Python such as 3.11",
        ),
        ('tracks = ["one", "two"]', "tracks = { one = { lock = 5 } }", "tracks: one: lock: expected a string, found 5"),
        ('tracks = ["one", "two"]', 'tracks = { one = { pyton = "3.11" } }', "fields lock, python, found pyton"),
        ('locks = "locks/{track}.txt"', "locks = 5", "locks: expected a string, found 5"),
        ('venv = ".venv-{track}/bin/python"', "venv = 5", "doors: venv: expected a string, found 5"),
        ('venv = ".venv-{track}/bin/python"', 'venv = ""', "doors: venv: expected a string, found ''"),
        (
            'code = "top-level-squatter"',
            'code = "top-level-squater"',
            "explain` lists (similar codes: top-level-squatter), found 'top-level-squater'",
        ),
        (
            'code = "top-level-squatter"',
            'code = "W001"',
            "accept 1: code: expected a code that `envparity explain` lists, found",
        ),
        ('reason = "nobody imports it"', "", "accept 1: reason: expected a string, found none"),
        ('reason = "nobody imports it"', 'reason = "  "', "accept 1: reason: expected a string, found '  '"),
        ('path = "site/tests"', "", "accept 1: path: expected a string, found none"),
        (
            'reason = "nobody imports it"',
            'reason = "x"\nuntil = "y"',
            "expected only the fields code, path, reason, sha256, found until",
        ),
        ("[[tool.envparity.accept]]", "[tool.envparity.accept]", "accept: expected an array of tables ([[… accept]])"),
        ('code = "result = 1"', "", "behaviour 1: code: expected a string, found none"),
        ('expect = "1"', "expect = 1", "behaviour 1: expect: expected a table, found 1"),
        (
            'expect = { one = "2", two = "3" }',
            "expect = { one = 2 }",
            "behaviour 2: expect: one: expected a string, found 2",
        ),
        ('command = ["weaver", "--version"]', "command = []", "probes: weaver: command: expected a program"),
        ('pattern = "weaver (.+)"', 'pattern = "weaver ("', "probes: weaver: pattern: expected a regular expression"),
        ('pattern = "weaver (.+)"', 'pattern = "weaver"', "probes: weaver: pattern: expected a regular expression"),
        (
            '{ include-group = "more" }',
            '{ include-group = "one" }',
            "one: expected a list of requirements that does not include itself",
        ),
        ('{ include-group = "more" }', "{ other = 1 }", "one: expected only requirements and include-group"),
        (
            'toolchain = "toolchain.toml"',
            'toolchain = "gone.toml"',
            "gone.toml: expected a TOML file, found: No such file",
        ),
        ("exact = true", 'exact = "yes"', "exact: expected true or false, found 'yes'"),
        (
            "[tool.envparity]\ntrack",
            "[tool]\nenvparity = 3\n[other]\ntrack",
            "[tool.envparity]: expected a table, found 3",
        ),
    ],
)
def test_a_wrong_value_gives_a_one_line_error_that_names_the_field(
    old: str, new: str, said: str, project: Path
) -> None:
    assert old in WHOLE
    text = WHOLE.replace(old, new, 1)
    if "envparity = 3" in new:
        text = "[tool]\nenvparity = 3\n"
    (project / "pyproject.toml").write_text(text)
    with pytest.raises(EnvparityError) as caught:
        find_config(project)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("toolchain", "said"),
    [
        ("expect = 3", "toolchain.toml: expect: expected a table, found 3"),
        ("[expect]\ngit = 3", "toolchain.toml: expect: git: expected a table, found 3"),
        (
            '[expect.git]\nverson = "1"',
            "toolchain.toml: expect: git: expected only the fields differ, versions, found verson",
        ),
        ("[expect.git]\nversions = 1", "toolchain.toml: expect: git: versions: expected a string, found 1"),
        ("[doors.image]\nwithout = 1", "toolchain.toml: doors: image: without: expected a list of strings, found 1"),
        (
            "[doors.image]\nwithout = ['git']",
            "toolchain.toml: doors: image: without: expected a table [expect.git] for each tool of the list, found "
            "['git']",
        ),
    ],
)
def test_a_wrong_toolchain_file_gives_a_one_line_error(toolchain: str, said: str, project: Path) -> None:
    (project / "toolchain.toml").write_text(toolchain)
    with pytest.raises(EnvparityError) as caught:
        find_config(project)
    assert said in str(caught.value)


def test_an_invalid_range_is_an_error_when_it_is_used() -> None:
    tool = Tool("git", "newest", None, "toolchain.toml")
    with pytest.raises(EnvparityError, match=r"^toolchain.toml: \[expect.git\]: versions: .*newest"):
        _ = tool.versions


def test_a_pyproject_without_envparity_may_hold_anything(tmp_path: Path, project: Path) -> None:
    within = project / "within"
    within.mkdir()
    (within / "pyproject.toml").write_text('tool = "envparity"\n')
    with pytest.raises(EnvparityError, match=r"tool: expected a table, found 'envparity'"):
        find_config(within)
    assert tmp_path == project


def test_a_track_can_have_a_python_and_the_lock_of_another_track(project: Path) -> None:
    table = 'tracks = { one = { python = "3.11" }, two = { lock = "one", python = "3.13" } }'
    (project / "pyproject.toml").write_text(WHOLE.replace('tracks = ["one", "two"]', table))
    config = find_config(project)
    assert config.tracks == ("one", "two")
    one, two = (config.lock(track) for track in config.tracks)
    assert one is not None
    assert two is not None
    assert one.origin == two.origin
    assert config.groups["one"] == config.groups["two"] != ()
    python = config.tool("python", "two")
    assert python is not None
    assert [python.allows(version) for version in ("3.13.5", "3.11.2", "3.14.0")] == [True, False, False]
    assert config.tool("python", None) == config.tools.get("python")
    assert config.tool("compiler", "two") == config.tools.get("compiler")
