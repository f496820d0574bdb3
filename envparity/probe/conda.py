"""Reads conda's lists of files, because conda does not correct the RECORDs of the distributions that it installs.

conda-build lets pip write RECORD, and then changes extension modules and scripts, and may delete files. When conda
installs the result, conda writes further scripts. conda also writes a JSON file for each of its packages, into the
folder conda-meta. This file lists the package's files with their right hashes. A verdict says whether a file has the
hash in a RECORD, for example `match` or `missing`. The key of a file is its name in the snapshot. This module is a
section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import json
import os

from envparity.probe.reading import names_in, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Tuple

    from envparity.probe.distributions import Distribution
    from envparity.probe.places import Layout
    from envparity.probe.text import Facts

    Listed = Dict[str, Tuple[str, str]]  # from a file's key to its hash (may be empty) and its kind

CONDA_LIST_AT_MOST = 64 << 20  # bytes of one list; the list of a large package of conda has several megabytes


def correct_by_conda(files: dict[str, Facts], distributions: list[Distribution], layout: Layout) -> None:
    """Correct the verdicts from RECORDs of distributions that conda installed, and note files that only conda lists.

    A verdict becomes `match` if the file has the hash in conda's list. A verdict becomes `unhashed` in two cases: for a
    script that conda wrote for an entry point, and for a missing file that conda's list does not have, because
    conda-build may have deleted the file. The field `conda` of a file is set if no RECORD lists the file and it has the
    hash in conda's list. A list corrects the verdicts of a distribution's RECORD only if the list also has the file
    METADATA of this distribution. The verdicts `match` and `unhashed` stay.
    """
    prefix = layout.environment.root.outer(layout.environment.base_prefix)
    folder = os.path.join(prefix, "conda-meta")
    names = [name for name in names_in(folder) if name.endswith(".json")]
    doubted = doubted_keys(files, distributions) if names else {}
    for name in names:
        listed = conda_list(os.path.join(folder, name), prefix, layout)
        for key, (digest, _) in listed.items():
            entry = files.get(key, {})
            if digest and entry.get("sha256") == digest and not entry.get("claims"):
                entry["conda"] = True
        for metadata, (owner, keys) in doubted.items():
            if metadata in listed:
                for key in keys:
                    correct(files[key], owner, listed.get(key))


def doubted_keys(files: dict[str, Facts], distributions: list[Distribution]) -> dict[str, tuple[str, list[str]]]:
    """Return the distributions that conda installed, each with the keys of its files that differ from its RECORD.

    The result is a dict. It maps the key of a distribution's file METADATA to the id of the distribution and to the
    keys of these files.
    """
    theirs = [one for one in distributions if one.facts.get("installer") == "conda"]
    found: dict[str, list[str]] = {one.facts["id"]: [] for one in theirs}
    for key, entry in files.items():
        for owner, verdict in entry.get("claims", {}).items():
            if owner in found and verdict not in ("match", "unhashed"):
                found[owner].append(key)
    return {one.key + "/METADATA": (one.facts["id"], found[one.facts["id"]]) for one in theirs}


def correct(entry: Facts, owner: str, listed: tuple[str, str] | None) -> None:
    """In `entry`, the facts about a file, correct the verdict from the RECORD of the distribution `owner`.

    `listed` is the hash and the kind of this file in conda's list; None if the list does not have the file.
    """
    if listed is None:
        if entry["claims"][owner] == "missing":
            entry["claims"][owner] = "unhashed"
        return
    digest, kind = listed
    if digest and entry.get("sha256") == digest:
        entry["claims"][owner] = "match"
    elif not digest and kind == "unix_python_entry_point" and "starts" in entry:
        entry["claims"][owner] = "unhashed"


def conda_list(path: str, prefix: str, layout: Layout) -> Listed:
    """Return the files in the list at `path`, which describes one package of conda.

    The result is a dict from a file's key to its hash (an empty text if the list has none) and its kind. The dict is
    empty if the list cannot be read.
    """
    listed: Listed = {}
    try:
        for one in json.loads(read(path, CONDA_LIST_AT_MOST))["paths_data"]["paths"]:
            key = layout.claimed_key(os.path.normpath(os.path.join(prefix, one["_path"])))
            if key is not None:
                digest = one.get("sha256_in_prefix") or one.get("sha256") or ""
                listed[key] = (str(digest), str(one.get("path_type")))
    except (OSError, ValueError, RecursionError, LookupError, AttributeError, TypeError):
        return {}
    return listed
