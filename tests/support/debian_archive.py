"""Debian archives with one package each, which the tests serve on loopback."""

import subprocess
from hashlib import sha256
from pathlib import Path


def write_archive(root: Path, version: str, date: str) -> None:
    """Write an archive of the suite bookworm that has version `version` of the package `pinned`.

    `date` is the time of the suite's Release file, for example `Fri, 27 Nov 2026 10:00:00 UTC`.
    """
    package = root / "package"
    (package / "DEBIAN").mkdir(parents=True)
    control = (
        f"Package: pinned\nVersion: {version}\nArchitecture: all\nMaintainer: me <me@example.org>\nDescription: x\n"
    )
    (package / "DEBIAN" / "control").write_text(control)
    (package / "usr" / "share").mkdir(parents=True)
    (package / "usr" / "share" / "pinned").write_text(f"{version}\n")
    built = root / "pool" / f"pinned_{version}_all.deb"
    built.parent.mkdir()
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", package, built], check=True, capture_output=True)
    content = built.read_bytes()
    listed = f"{control}Filename: pool/{built.name}\nSize: {len(content)}\nSHA256: {sha256(content).hexdigest()}\n\n"
    suite = root / "dists" / "bookworm"
    names = [f"main/binary-{one}/Packages" for one in ("amd64", "arm64")]
    for name in names:
        (suite / name).parent.mkdir(parents=True)
        (suite / name).write_text(listed)
    digest = sha256(listed.encode()).hexdigest()
    fields = [
        "Suite: bookworm",
        "Codename: bookworm",
        f"Date: {date}",
        "Architectures: amd64 arm64",
        "Components: main",
    ]
    (suite / "Release").write_text(
        "\n".join([*fields, "SHA256:", *(f" {digest} {len(listed)} {name}" for name in names)]) + "\n"
    )
