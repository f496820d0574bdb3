"""Recognizes start-up code that well-known programs write, and that no RECORD lists.

Start-up code is code that Python runs when it starts, before any program. A hook is one piece of start-up code.
virtualenv, uv and pex write a hook into each new environment, Debian's Python has a hook, and old releases of
setuptools wrote lines of code into .pth files.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# The SHA-256 of `_virtualenv.py` in each release of virtualenv and of uv that wrote this file.
_VIRTUALENV = frozenset(
    """
    004d2271b056b844f244b9ef31e1dba803f9c9b380f122a3f1241107d819d6f2
    0278334cdcfab4c746b4416fbd5c2b6e7da937c81e132397d62c361d404ebe0e
    02943e192823d75212f206e1f2991ac572119882683a95dfbb7a1b913d7b14b5
    07584d2a5d13e0811eb567d78ed2aca0fb60e7defff59a01ca7a48d907bdea51
    095a1099733d28c837bca584f5fb3eb3724e357f8846c015083dc6e9a7b985f3
    0aeb86546345c1d0fada097536e35525714d5cdbcc2d8eb3f9912a955044fcff
    0f20351ea7e90039c46d3fabdef991f28b1e3ff33eb13ee6f0d5cd21ea0e8b14
    119e4eb9c1a39e6ffd220840844bd326fa1bd3acf2f1c9fa0612949aedc228a5
    3cddefd71ca36428ece358c17f71d9f6f98319fa7fbf08865baab12c1f5ac070
    4255ecd19d51acd937025bc3bef4c373e7b7d468e95180c15a5a7bb0bc14ed25
    44a4acc4d3e5627b4942a043be9c150288176c5df00866f19e260a25e9f6f592
    460589e83387d4dfe5fd84d41c5f6979599f5cd080983d73c832549161c80435
    500f7bd4fe437d5a8728daf77d0d561eea50b32ee8a0ff047fd48e99a76d3b18
    65de6a7145016299fba5fc2f113d278b53db54fa9a4f32ff4b837d5ee2a4608a
    684b8c07932ba4a84ac2e5ae9afe49ef04e92bac3d8d4191d455cf09d093e5fc
    6bb12fb4de3e02ba949c40e8abd2de962c579ac9fe12532a3da6daab45d2e79f
    6cf30c56faf2a55228914dbbd17f8088ed371ebb08f5e7fa6fd931f913fcaf1d
    7169dab6537491cb9c573ff83ea0112955fd5180d8535cac70d4c987398dbeef
    7962a1f1e6f48f9232575b4c2469240101da16d8bb9f13c9b77d9bab42345fb1
    82944bb74841efbcfdc3539e7d60df63f43cc023041eb183abbd56f44e071b45
    889a24441371e5eed19bb3097dba76ad5c7ef8b093fdf8967d2e3e46f0fadbf6
    956a757e912269c3a2537374d07e70b8faa04ace69b54df88a21f749c5fd4233
    96245d9e9c0b16fdcd99b470abe101863858120c9bf57752278ec4d7f9b09a94
    a4d55cb334ce92e6fc5ef92c93db5d1361ad6a3d380de334d4c8e56a43a927ad
    bd9633de3d8122488d66fcfa0c7f0c9cd0b58e9147938ddf1f8fa76ca12b6ad5
    bec6155ff7bfc88f8e79e481f27fd7ee0a3b40eeca9bfeb41f4c4b997b2f8100
    c0dff4cc6bb71eea3c812b5eebc5b6d94498679d4e36de276190838663c32cd1
    c23104e5f2bb624ee0bfc3f816d2ad10f0704c923701bcfa6ab6449518337275
    c76b793e44e33efb566c071f991b0f9cad3e96ded3ebd4d99f31473fa41ca5be
    c9199315871b11b12df226f890a38e66e63191e1adbfb11a66e6861151b33fca
    ce57d5e0d9b5d7356cb42da7450ba8f9359bdf693e335f4c921626943c77e64d
    cfb3db86aaa53bb62b5ff764970bec2d71c9228590a0ebec57f6ec926cc0bf1a
    cfe56cafbd68fd31a0e87100f111d7d2f6b7157241096500013c07e88d80a22f
    d1ea23a2be4bcbac5e75c69bc03926397bf53ae16e35c58d7c3b73306cb1a81e
    d762c207d745129f173766ffd8b96144bef46f5f87c174a7f684d9fa4248c2d5
    dd8e633ed8b9f4741a52379f6d95cb2bf71cdf7d48aa43858935335efdd273ed
    e3db5fe06ab41ca9b95dd6463b83836787028a1b55562cc383803bb83001a45c
    e3e10c8a19a62a49928c139b8e6824eac92dcdda7639953bcd10921011cbbdff
    e89035423f2b3c09f17e8824e1564f14e0e732dc16cd05dbf4aafc3b7c5d7559
    e8c426ce260f866254ff35cefedc8b3efbd6d1446d99d7a4cdeb0095f98a8b8f
    ee52b2e2e720a40885a6b4b90c40e28e5c70e550af74d5efd169eaa5db2a6f6f
    f4dfaeb9efc1614890cfa94ed15bbe9b2ee15fbe76d569ef5e435e93e4987dc7
    fda4373cd687cc54e2be58d8b36cf209aadf25276fc36f315b80b43f60ed80e0
    """.split()
)
# The SHA-256 of `PEX_EXTRA_SYS_PATH.py`, which pex has not changed since its release 2.95.3.
_PEX = frozenset(["29804a63d6784de803bb8eada24b4224b22be87bcc3dff2e8d887cdc3138d210"])
# pex writes these lines into PEX_EXTRA_SYS_PATH.pth: before 2.95.3 the first two, and since then the third. For Python
# 3.15 and later it also writes the last line into PEX_EXTRA_SYS_PATH.start.
_PEX_LINES = frozenset(
    [
        *(
            f"import os, sys; sys.path.extend(entry for entry in os.environ.get('{name}', '').split(':') if entry)"
            for name in ("PEX_EXTRA_SYS_PATH", "__PEX_EXTRA_SYS_PATH__")
        ),
        "import PEX_EXTRA_SYS_PATH; PEX_EXTRA_SYS_PATH.extend_sys_path(legacy=True)",
        "PEX_EXTRA_SYS_PATH:extend_sys_path",
    ]
)


@dataclass(frozen=True)
class Made:
    """A hook that programs write into each environment that they make.

    The hook consists of the lines of a .pth or .start file, and of a module that these lines import.
    """

    programs: str
    """The names of the programs, for a message."""
    lines: frozenset[str]
    """Each line that the programs write into the .pth file or the .start file with the name of the module."""
    modules: frozenset[str]
    """The SHA-256 of the module in each release of the programs."""


MADE: Mapping[str, Made] = {
    "_virtualenv": Made("virtualenv or uv", frozenset(["import _virtualenv"]), _VIRTUALENV),
    "PEX_EXTRA_SYS_PATH": Made("pex", _PEX_LINES, _PEX),
}
"""Maps the name of a module to the hook that imports it."""

# Python's crash reporter on Debian and Ubuntu: their `sitecustomize.py` starts the reporter if it is installed.
_CRASH_REPORTER = (
    "try:",
    "    import apport_python_hook",
    "except ImportError:",
    "    pass",
    "else:",
    "    apport_python_hook.install()",
)
# Lines that old releases of setuptools wrote into `easy-install.pth`, and into the .pth file of a namespace package. In
# the lines for a namespace package, only the name of the package varies.
_SETUPTOOLS = re.compile(
    r"import sys; sys\.__plen = len\(sys\.path\)"
    r"|import sys; new=sys\.path\[sys\.__plen:\]; del sys\.path\[sys\.__plen:\]; p=getattr\(sys,'__egginsert',0\); "
    r"sys\.path\[p:p\]=new; sys\.__egginsert = p\+len\(new\)"
    r"|import sys, ?types, ?os;(?: ?has_mfs = sys\.version_info > \(3, 5\);)? ?p = os\.path\.join\("
    r"sys\._getframe\(1\)\.f_locals\['sitedir'\], \*\((?:'\w+',? ?)+\)\);[^\n#]*"
)
_NAMESPACE_PARTS = re.compile(
    r"importlib = has_mfs and __import__\('importlib\.util'\)"
    r"|has_mfs and __import__\('importlib\.machinery'\)"
    r"|m = has_mfs and sys\.modules\.setdefault\('[\w.]+', importlib\.util\.module_from_spec\("
    r"importlib\.machinery\.PathFinder\.find_spec\('[\w.]+', \[os\.path\.dirname\(p\)\]\)\)\)"
    r"|m = m or sys\.modules\.setdefault\('[\w.]+', types\.ModuleType\('[\w.]+'\)\)"
    r"|ie = os\.path\.exists\(os\.path\.join\(p,'__init__\.py'\)\)"
    r"|m = not ie and sys\.modules\.setdefault\('[\w.]+', types\.ModuleType\('[\w.]+'\)\)"
    r"|mp = \(m or \[\]\) and m\.__dict__\.setdefault\('__path__',\[\]\)"
    r"|\(p not in mp\) and mp\.append\(p\)"
    r"|m and setattr\(sys\.modules\['[\w.]+'\], '\w+', m\)"
)


def is_crash_reporter(lines: Sequence[str]) -> bool:
    """Return whether `lines` is empty, or has only the code that starts the crash reporter of Debian and Ubuntu."""
    return not lines or tuple(lines) == _CRASH_REPORTER


def is_setuptools(lines: Sequence[str]) -> bool:
    """Return whether an old release of setuptools wrote each of these lines of a .pth file."""
    return bool(lines) and all(_is_setuptools(line.rstrip()) for line in lines)


def _is_setuptools(line: str) -> bool:
    if not _SETUPTOOLS.fullmatch(line):
        return False
    if "f_locals" not in line:
        return True
    return all(_NAMESPACE_PARTS.fullmatch(part.strip()) for part in line.split(";")[4 if "has_mfs" in line else 2 :])
