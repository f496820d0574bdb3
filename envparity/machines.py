"""Names machine types by their numbers in ELF files. ELF is the format of programs and libraries on Linux."""

MACHINES = {
    3: ("i686", "386", 32),
    21: ("ppc64le", "ppc64le", 64),
    22: ("s390x", "s390x", 64),
    40: ("armv7l", "arm", 32),
    62: ("x86_64", "amd64", 64),
    183: ("aarch64", "arm64", 64),
    243: ("riscv64", "riscv64", 64),
    258: ("loongarch64", "loong64", 64),
}
"""Maps the number of a machine type to its name in Linux, its name in Go and in images, and its word size in bits."""


def machine_words(kind: str) -> str:
    """Return the name of a machine type. `kind` is the text that the probe makes from the header of an ELF file.

    The name is `x86_64` for `64-bit machine 62`. It is `a 64-bit machine 9` for `64-bit machine 9`, which is unknown.
    """
    names = {f"{bits}-bit machine {number}": name for number, (name, _, bits) in MACHINES.items()}
    return names.get(kind, f"a {kind}")
