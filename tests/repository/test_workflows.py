"""Tests that compare GitHub's workflows, their actions and Dependabot's settings with the repository."""

import json
import os
import re
import shlex
import subprocess
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from dev.doors.sources import list_sources
from dev.lockenv.project import Project, this_project

ROOT = this_project().root
WORKFLOWS = sorted(path.name for path in (ROOT / ".github" / "workflows").iterdir())
FILES = [
    *(f"workflows/{name}" for name in WORKFLOWS),
    *(f"actions/{path.parent.name}/action.yml" for path in sorted((ROOT / ".github" / "actions").glob("*/*"))),
]
# A dict from each package ecosystem of Dependabot to the files that Dependabot reads. Another test is about the images
# that Dockerfiles and compose files name.
MANIFESTS = {
    "cargo": "Cargo.toml",
    "docker": "*Dockerfile*",
    "docker-compose": "*compose.y*ml",
    "gomod": "go.mod",
    "npm": "package.json",
}
# Dependabot must not change these files: the first makes an image like the pinned base image, the second keeps the
# versions of 2025-11-08, and scripts/docs makes the others from Dockerfile.
LEFT = {
    "tests/dev/doors/like-pinned/Dockerfile",
    "tests/dev/doors/old/Dockerfile",
    "docker/v0.8.Dockerfile",
    "docker/v0.8-py313.Dockerfile",
}
# A dict from each job with a write permission to its permissions. Every other job may only read, or do nothing.
WRITES = {
    ("release.yml", "publish"): {"attestations": "write", "id-token": "write"},
    ("release.yml", "push"): {"attestations": "write", "id-token": "write", "packages": "write"},
    ("site.yml", "publish"): {"pages": "write", "id-token": "write"},
    ("weekly.yml", "tell"): {"issues": "write"},
    ("weekly.yml", "propose"): {"contents": "write", "pull-requests": "write"},
}


def text(name: str) -> str:
    return (ROOT / ".github" / name).read_text()


def read(name: str) -> dict[Any, Any]:
    """Return a decoded YAML file of `.github`; its key `on` becomes True, because YAML 1.1 reads `on` as true."""
    document = yaml.safe_load(text(name))
    assert isinstance(document, dict)
    return document


def jobs(name: str) -> dict[str, dict[str, Any]]:
    found = read(f"workflows/{name}")["jobs"]
    assert isinstance(found, dict)
    return found


def steps(name: str) -> Iterator[dict[str, Any]]:
    """Yield every step of a workflow or an action."""
    document = read(name)
    for job in document["jobs"].values() if "jobs" in document else [document["runs"]]:
        yield from job["steps"]


def step(name: str, job: str, holds: str) -> dict[str, Any]:
    """Return the only step of a job whose command, action or name contains `holds`."""
    (found,) = [
        one
        for one in jobs(name)[job]["steps"]
        if holds in one.get("run", "") or holds in one.get("uses", "") or holds in one.get("name", "")
    ]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_used_action_is_pinned_by_commit_and_names_its_version(name: str) -> None:
    used = re.findall(r"(?m)^ *-? *uses: (.+)$", text(name))
    assert len(used) == sum("uses" in one for one in steps(name))
    for one in used:
        if one.startswith("./"):
            assert (ROOT / one / "action.yml").is_file()
        else:
            assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", one), one


def test_each_action_has_one_pin() -> None:
    used = {one["uses"] for name in FILES for one in steps(name) if "@" in one.get("uses", "")}
    assert [name for name, count in Counter(one.partition("@")[0] for one in used).items() if count > 1] == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_have_no_permission_and_jobs_only_those_they_need(name: str) -> None:
    document = read(f"workflows/{name}")
    assert document["permissions"] == {}
    assert set(document["concurrency"]) == {"group", "cancel-in-progress"}
    assert "pull_request_target" not in document[True]
    for title, job in document["jobs"].items():
        checks_out = any("actions/checkout@" in one.get("uses", "") for one in job["steps"])
        assert job["permissions"] == WRITES.get((name, title), {"contents": "read"} if checks_out else {})
        assert 0 < job["timeout-minutes"] <= 90
        assert job["runs-on"] == "ubuntu-24.04"
        for one in job["steps"]:
            if "actions/checkout@" in one.get("uses", ""):
                assert one["with"]["persist-credentials"] is False


def test_a_job_that_may_write_runs_no_installed_program() -> None:
    for name, job in WRITES:
        assert not any("checkout" in one.get("uses", "") for one in jobs(name)[job]["steps"])
        assert "scripts/" not in yaml.safe_dump(jobs(name)[job])


@pytest.mark.parametrize("name", FILES)
def test_every_step_runs_existing_scripts_without_expressions(name: str) -> None:
    for one in steps(name):
        run = one.get("run", "")
        # GitHub's values must come through environment variables, because a shell does not run these as commands.
        assert "${{" not in run, run
        for script in re.findall(r"\bscripts/[a-z-]+", run):
            assert os.access(ROOT / script, os.X_OK), script


def commands() -> list[list[str]]:
    """Return every command in the workflows that runs a script of the project with options, split into words."""
    lines = [line for name in FILES for one in steps(name) for line in one.get("run", "").split("\n")]
    words = [shlex.split(part) for line in lines for part in re.split(r"&&|\|\|?", line) if "scripts/" in part]
    return [one for one in words if any(word.startswith("--") for word in one)]


@pytest.mark.parametrize("words", commands(), ids=shlex.join)
def test_every_option_is_an_option_of_its_script(words: list[str]) -> None:
    script = ROOT / words[0]
    known = script.read_text()
    if "--help" in known or words[0] in ("scripts/devcontainer", "scripts/image"):
        known = subprocess.run([script, "--help"], capture_output=True, text=True, check=True).stdout
    assert [word for word in words if word.startswith("--") and word not in known] == []


def test_every_stage_of_ci_has_its_workflow(project: Project) -> None:
    stages = re.findall(r"(?m)^stage (scripts/\S+)", (project.root / ".ci" / "run").read_text())
    run = [line for name in WORKFLOWS for one in steps(f"workflows/{name}") for line in one.get("run", "").splitlines()]
    assert set(stages) - {"scripts/prepare"} <= {line.split()[0] for line in run}
    assert "scripts/check --strict" in run


def test_the_runner_is_prepared_with_what_the_toolchain_names(project: Project) -> None:
    (python,) = [one for one in steps("actions/prepare/action.yml") if "setup-python@" in one.get("uses", "")]
    pythons = python["with"]["python-version"].split()
    assert pythons[-1] == project.toolchain.python_series
    assert sorted(pythons) == sorted(project.pythons_of("tools"))
    (lacks,) = [one["run"] for one in steps("actions/prepare/action.yml") if "run" in one]
    (named,) = re.findall(r"apt-get install -y (\S+)", lacks)
    assert named in project.toolchain.packages["build"]["apt"].split()
    for need in re.findall(r"lockenv how (\w+) \|", lacks):
        assert project.toolchain.packages[need]["apt"]


def test_every_track_with_a_devcontainer_has_its_doors_compared(project: Project) -> None:
    (job,) = jobs("parity.yml").values()
    wanted = sorted(path.parent.name for path in project.root.glob(".devcontainer/*/devcontainer.json"))
    assert job["strategy"]["matrix"]["track"] == wanted
    run = [one.get("run", "") for one in job["steps"]]
    assert any("scripts/parity --strict " in one for one in run)
    assert not any(word in one for one in run for word in ("scripts/offline", "BASE_IMAGE"))


def test_every_track_is_resolved_again(project: Project) -> None:
    assert jobs("weekly.yml")["resolve"]["strategy"]["matrix"]["track"] == list(project.locked_tracks)


# The shards of the matrix of ping tests, which are its parts, and the job that merges their results.


def test_every_shard_is_merged() -> None:
    matrix = jobs("matrix.yml")
    shards = matrix["shard"]["strategy"]["matrix"]["shard"]
    assert shards == list(range(1, len(shards) + 1))
    runs = step("matrix.yml", "shard", "scripts/matrix --shard")
    assert runs["env"] == {"SHARD": "${{ matrix.shard }}/${{ strategy.job-total }}"}
    assert '--shard "$SHARD" --into "$RUNNER_TEMP/shard"' in runs["run"]
    sent = step("matrix.yml", "shard", "actions/upload-artifact")["with"]
    assert sent["path"] == "${{ runner.temp }}/shard"
    assert not step("matrix.yml", "shard", "actions/upload-artifact")["if"].startswith("success")
    fetched = step("matrix.yml", "merge", "actions/download-artifact")["with"]
    names = [sent["name"].replace("${{ matrix.shard }}", str(shard)) for shard in shards]
    assert len({*names}) == len(shards)
    assert all(fnmatch(name, fetched["pattern"]) for name in names)
    assert "merge-multiple" not in fetched  # Each shard has its own folder.
    assert fetched["path"] == "${{ runner.temp }}/shards"
    merges = step("matrix.yml", "merge", "scripts/matrix --merge")["run"]
    assert merges == 'scripts/matrix --merge "$RUNNER_TEMP"/shards/* --into "$RUNNER_TEMP/matrix"'
    assert step("matrix.yml", "merge", "actions/upload-artifact")["with"]["path"] == "${{ runner.temp }}/matrix"
    assert (matrix["shard"]["needs"], matrix["merge"]["needs"]) == ("peers", "shard")


def test_the_shards_cover_the_matrix_and_none_is_empty(project: Project) -> None:
    def planned(*options: str) -> list[str]:
        command = [str(project.root / "scripts" / "matrix"), "--among", "v0.4,v0.8", "--list", *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    count = len(jobs("matrix.yml")["shard"]["strategy"]["matrix"]["shard"])
    parts = [planned("--shard", f"{number}/{count}") for number in range(1, count + 1)]
    assert all(len(part) > 5 for part in parts)
    assert Counter(line for part in parts for line in part) == Counter(planned())


# The weekly workflow, run as GitHub's runner would run it.


def shell(script: str, folder: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the script of a step in `folder`, with additional environment variables, as GitHub's runner would."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "RUNNER_TEMP": str(folder / "temp"), **environ}
    command = ["bash", "-e", "-c", script]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.git
@pytest.mark.parametrize("moved", [True, False])
def test_a_moved_lock_is_noticed(tmp_path: Path, moved: bool) -> None:
    for name in ("temp", "locks"):
        (tmp_path / name).mkdir()
    for track in ("v0.4", "v0.8"):
        (tmp_path / "locks" / f"{track}.txt").write_text("one==1\n")
    identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    for words in (["init", "-q"], ["add", "locks"], [*identity, "commit", "-qm", "Locks"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (tmp_path / "locks" / ("v0.4.txt" if moved else "v0.8.txt")).write_text("one==2\n")
    script = step("weekly.yml", "resolve", "git diff")["run"]
    done = shell(script, tmp_path, TRACK="v0.4", GITHUB_OUTPUT=str(tmp_path / "output"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    patch = (tmp_path / "temp" / "moved" / "v0.4.patch").read_text()
    assert (("+one==2" in patch), (tmp_path / "output").exists()) == (moved, moved)
    if moved:
        assert (tmp_path / "output").read_text() == "moved=yes\n"
        assert step("weekly.yml", "resolve", "Find the releases")["if"] == "steps.lock.outputs.moved"


# A fake of GitHub's program `gh`. It applies the workflow's only jq filter in Python, because some machines have no jq.
GH = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["ASKED"], "a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
if sys.argv[2] == "list":
    assert sys.argv[-1] == "map(select(.title == env.title))[0].number // empty", sys.argv
    print(*[one["number"] for one in json.loads(os.environ["OPEN"]) if one["title"] == os.environ["title"]][:1])
"""
TITLE = "v0.4: newer releases than in its lock are available"


@pytest.mark.parametrize(
    ("issues", "told", "does"),
    [
        ("[]", True, ["create", "--title", TITLE]),
        (f'[{{"number": 6, "title": "{TITLE} once"}}]', True, ["create", "--title", TITLE]),
        (f'[{{"number": 7, "title": "{TITLE}"}}]', True, ["comment", "7"]),
        ("[]", False, ["create", "--title", TITLE]),
    ],
)
def test_each_track_gets_one_issue(tmp_path: Path, issues: str, told: bool, does: list[str]) -> None:
    """A fake `gh` records its arguments, because the test cannot open issues on GitHub."""
    for name in ("moved", "bin"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin" / "gh").write_text(GH)
    (tmp_path / "bin" / "gh").chmod(0o755)
    (tmp_path / "moved" / "v0.4.patch").write_text("+one==2\n")
    if told:
        (tmp_path / "moved" / "v0.4.md").write_text("## History of `v0.4` $(exit 3)\n")
    done = shell(
        step("weekly.yml", "tell", "Open an issue")["run"],
        tmp_path,
        PATH=f"{tmp_path}/bin:{os.environ['PATH']}",
        ASKED=str(tmp_path / "asked"),
        OPEN=issues,
        RESULT="failure",
        RUN="https://host.example/runs/1",
    )
    assert done.returncode == 0, done.stderr
    listed, written = map(json.loads, (tmp_path / "asked").read_text().splitlines())
    assert listed[:4] == ["issue", "list", "--state", "open"]
    assert written[:-1] == ["issue", *does, "--body"]
    head, _, history = written[-1].partition("\n\n")
    assert head == "Locking again and testing the new pins: failure. All reports: https://host.example/runs/1"
    assert history == (
        "## History of `v0.4` $(exit 3)" if told else "The history is missing. The log of the run has the reason."
    )


def test_without_a_moved_lock_there_is_no_issue(tmp_path: Path) -> None:
    done = shell(step("weekly.yml", "tell", "Open an issue")["run"], tmp_path, RESULT="success", RUN="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# The workflow that publishes a release.

# A fake of docker. It has one image, whose ID is in the variable ID, and records what it is asked.
DOCKER = """#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in
  login*) cat > /dev/null ;;
  *'{{.Id}}'*) echo "$ID" ;;
  *RepoDigests*) echo "host.example/app@sha256:1234" ;;
esac
"""


@pytest.fixture
def pushing(tmp_path: Path) -> dict[str, str]:
    """Return the environment variables of the job that pushes an image, with a fake docker."""
    for name in ("images", "bin"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin" / "docker").write_text(DOCKER)
    (tmp_path / "bin" / "docker").chmod(0o755)
    (tmp_path / "images" / "v0.4.id").write_text("sha256:aaaa\n")
    own = {"ASKED": str(tmp_path / "asked"), "GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_ACTOR": "somebody"}
    given = {"TRACK": "v0.4", "TAG": "v0.1.0", "IMAGE": "host.example/app", "TOKEN": "secret"}
    return {**own, **given, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}


@pytest.mark.parametrize("equal", [True, False])
def test_an_image_with_another_id_is_not_pushed(tmp_path: Path, pushing: dict[str, str], equal: bool) -> None:
    names = [one.get("name", "") for one in jobs("release.yml")["push"]["steps"]]
    assert names.index("Load the image, and compare its ID with the ID of both builds") < names.index("Push the image")
    script = step("release.yml", "push", "Load the image")["run"]
    done = shell(script, tmp_path, **pushing, ID="sha256:aaaa" if equal else "sha256:bbbb")
    said = "" if equal else "expected the image sha256:aaaa, found sha256:bbbb\n"
    assert (done.returncode, done.stdout, done.stderr) == (int(not equal), said, "")


def test_the_pushed_image_is_attested_by_its_digest(tmp_path: Path, pushing: dict[str, str]) -> None:
    done = shell(step("release.yml", "push", "Push the image")["run"], tmp_path, **pushing)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "output").read_text() == "digest=sha256:1234\n"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[:3] == [
        "login host.example --username somebody --password-stdin",
        "tag py-libp2p-ping-test:v0.4 host.example/app:v0.1.0-v0.4",
        "push host.example/app:v0.1.0-v0.4",
    ]
    digests = [one["with"].get("subject-digest") for one in jobs("release.yml")["push"]["steps"] if "with" in one]
    assert digests[1:] == ["${{ steps.push.outputs.digest }}"] * 3


def test_only_a_tag_publishes_and_only_what_was_built(project: Project) -> None:
    every = jobs("release.yml")
    assert every["publish"]["if"] == "github.ref_type == 'tag'"
    assert (every["publish"]["needs"], every["push"]["needs"]) == (["distributions", "image"], "publish")
    assert all("if" not in every[name] for name in ("distributions", "image"))
    tracks = [every[name]["strategy"]["matrix"]["track"] for name in ("image", "push")]
    assert tracks == [list(project.released_tracks)] * 2
    sent = {
        one["with"]["name"]
        for name in ("distributions", "image")
        for one in every[name]["steps"]
        if "with" in one and "upload-artifact" in one["uses"]
    }
    fetched = {
        one["with"]["name"]
        for name in ("publish", "push")
        for one in every[name]["steps"]
        if "download" in one.get("uses", "")
    }
    assert sent == fetched


# Dependabot.


def updates() -> Iterator[tuple[str, str]]:
    """Yield each ecosystem and folder that Dependabot updates."""
    document = read("dependabot.yml")
    assert document["version"] == 2
    for one in document["updates"]:
        assert one["schedule"] == {"interval": "weekly"}
        assert one["cooldown"]["default-days"] >= 7
        for folder in one["directories"]:
            yield one["package-ecosystem"], folder.removeprefix("/")


def tracked(project: Project) -> list[str]:
    return list_sources(project.root)


def test_dependabot_updates_every_manifest_and_every_folder_has_one(project: Project) -> None:
    covered = {one for one in updates() if one[0] != "github-actions"}
    assert {ecosystem for ecosystem, _ in covered} == set(MANIFESTS)
    found = {
        (ecosystem, "" if path.parent == PurePosixPath(".") else str(path.parent))
        for path in map(PurePosixPath, tracked(project))
        for ecosystem, pattern in MANIFESTS.items()
        if fnmatch(path.name, pattern) and str(path) not in LEFT
    }
    assert covered == found
    assert set(tracked(project)) >= LEFT


def test_dependabot_updates_every_action(project: Project) -> None:
    used = {"" if name.startswith("workflows/") else f".github/{Path(name).parent}" for name in FILES}
    assert {folder for ecosystem, folder in updates() if ecosystem == "github-actions"} == used
    assert all((project.root / folder).is_dir() for folder in used)


def test_dependabot_reads_the_pins_of_the_images(project: Project) -> None:
    """Dependabot reads the first FROM of a Dockerfile that names an image, and a service's image in a compose file.

    In a compose file it also reads the default value of a variable.
    """
    first = next(line for line in (project.root / "Dockerfile").read_text().splitlines() if line.startswith("FROM "))
    assert re.fullmatch(r"FROM [a-z]+:[\w.-]+@sha256:[0-9a-f]{64} AS [\w.-]+", first)
    images = set()
    for _, folder in (one for one in updates() if one[0] == "docker-compose"):
        document = yaml.safe_load((project.root / folder / "compose.yaml").read_text())
        images |= {document["services"]["redis"]["image"]}
    (image,) = images
    assert re.fullmatch(r"\$\{REDIS_IMAGE:-[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}\}", image)
    (docker,) = [one for one in read("dependabot.yml")["updates"] if one["package-ecosystem"] == "docker"]
    assert docker["ignore"] == [
        {
            "dependency-name": "python",
            "update-types": ["version-update:semver-major", "version-update:semver-minor"],
        }
    ]


def test_a_new_npm_lock_names_no_host(project: Project) -> None:
    for ecosystem, folder in updates():
        if ecosystem == "npm":
            assert "omit-lockfile-registry-resolved=true" in (project.root / folder / ".npmrc").read_text().split()


def test_dependabot_leaves_the_locks_of_scripts_lock_alone(project: Project) -> None:
    assert {ecosystem for ecosystem, _ in updates()} & {"pip", "uv"} == set()
    locks = {path.stem for path in (project.root / "locks").glob("*.txt")}
    assert locks == {*project.locked_tracks, "tools", "build", "node", "site"}
