"""Names the kinds of machine for which an ELF file, a file of machine code, can be made."""

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
"""Maps ELF's number of a machine to its name in the kernel, its name in Go and in images, and its word size in bits."""


def machine_words(kind: str) -> str:
    """Return the name of a machine: `x86_64` for `64-bit machine 62`, and `a 64-bit machine 9` for an unknown machine.

    `kind` is the text that the probe makes from the header of an ELF file.
    """
    names = {f"{bits}-bit machine {number}": name for number, (name, _, bits) in MACHINES.items()}
    return names.get(kind, f"a {kind}")
