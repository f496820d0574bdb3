"""The startup family: checks the code that Python runs when it starts, before any program.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A hook is one
piece of this start-up code, for example a line of a .pth file. A distribution owns a file that its RECORD lists.
"""

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.interpreter import SEEDS
from envparity.judge.known_hooks import MADE, is_crash_reporter, is_setuptools
from envparity.judge.rules import Rule, Rules
from envparity.judge.subject import Subject
from envparity.snapshot.types import Hook
from envparity.text import some

RULES = Rules("startup")
STARTUP_UNOWNED = RULES.error(
    "startup-unowned",
    title="start-up code of no distribution",
    meaning="Python runs this code whenever it starts. The code is in a line of a .pth file, in a .start file (PEP "
    "829, Python 3.15 and later), or in the module sitecustomize or usercustomize. No distribution's RECORD lists the "
    "file. The code can change everything that a program sees.",
    fix="Delete the file, or recreate the environment. If you trust the code, accept the finding in pyproject.toml, "
    "with the hash of the file.",
)
STARTUP_ALTERED = RULES.error(
    "startup-altered",
    title="start-up code that was changed",
    meaning="Python runs this code whenever it starts. Somebody changed the file after its distribution was "
    "installed. Or the file has the name of a start-up file that virtualenv, uv or pex writes into a new environment, "
    "but no release of these programs that envparity knows writes its bytes.",
    fix="Reinstall the distribution, for example with `pip install --force-reinstall --no-deps NAME==VERSION`, or "
    "recreate the environment.",
)
STARTUP_UNLOCKED = RULES.error(
    "startup-unlocked",
    title="start-up code of a distribution that is not in the lock",
    meaning="Python runs this code whenever it starts. The code belongs to a distribution that the lock does not "
    "pin, or that the lock pins in another version.",
    fix="Uninstall the distribution, or add it to the lock.",
    possible=lambda subjects: any(subject.lock is not None for subject in subjects),
)
STDLIB_SHADOWED = RULES.error(
    "stdlib-shadowed",
    title="a file that hides a module of the standard library",
    meaning="Python finds this file before the module of the standard library with the same name. The file is in one "
    "of three places. It is in the folder of the standard library, for example a folder `ssl` next to ssl.py. Or it is "
    "the zip archive that comes before the standard library on sys.path. Or it is in the folder bin of the "
    "environment: if a script of this folder runs, the folder comes first on sys.path.",
    fix="Delete the file.",
)
STARTUP_CODE = RULES.note(
    "startup-code",
    title="start-up code",
    meaning="Python runs this code whenever it starts. envparity found nothing wrong: the file has "
    "the bytes that its distribution installed, or it belongs to the system, or a known program such as virtualenv "
    "wrote it. If the RECORD of a distribution has no hashes, envparity could not compare its files.",
    fix="If you trust these distributions, you need not do anything.",
)
_HOOKS = {
    "pth": "runs code whenever this Python starts",
    "start": "names functions that Python 3.15 and later call whenever they start",
    "sitecustomize": "is imported whenever this Python starts",
    "usercustomize": "is imported whenever this Python starts, unless it starts with -I or -s",
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each hook that breaks a rule, such as a changed hook, and one note with the other hooks."""
    known: dict[str, str] = {}
    for hook in subject.snapshot.startup:
        owners = _owners(subject, hook)
        whose = some(subject.labels(owners)) or "no distribution"
        message = f"{hook.path} ({whose}) {_HOOKS.get(hook.kind, 'hides a module of the standard library')}"
        rule, why = _judged(subject, hook, owners)
        if rule is None:
            if why:
                known[hook.path] = why
        else:
            code = f": {hook.runs[0]}" if hook.runs and rule is not STDLIB_SHADOWED else ""
            because = f"; {why}" if why else ""
            details = [*hook.runs, f"sha256 {hook.sha256}"] if hook.sha256 else hook.runs
            yield subject.finding(
                rule, f"{message}{because}{code}", paths=[hook.path], distributions=owners, details=details
            )
    for module in MADE:
        yield from _changed_modules(subject, module)
    if known:
        lines = [f"{path} ({why})" for path, why in known.items()]
        message = f"{some(lines)} {'runs' if len(lines) == 1 else 'run'} whenever this Python starts"
        owned = {owner for path in known if path in subject.snapshot.files for owner in _claims(subject, path)}
        yield subject.finding(STARTUP_CODE, message, paths=known, distributions=sorted(owned), details=lines)


def _claims(subject: Subject, path: str) -> dict[str, str]:
    file = subject.snapshot.files.get(path)
    return file.claims if file else {}


def _owners(subject: Subject, hook: Hook) -> list[str]:
    return [hook.owner] if hook.owner else sorted(_claims(subject, hook.path))


def _judged(subject: Subject, hook: Hook, owners: list[str]) -> tuple[Rule | None, str]:
    """Return the rule that a hook breaks, and a text with the reason.

    If the hook breaks no rule, the rule is None, and the text says where the hook comes from. If the text is also
    empty, `check` leaves the hook out of its note.
    """
    claims = {hook.owner: hook.verdict} if hook.owner else _claims(subject, hook.path)
    scheme, _, name = hook.path.partition("/")
    if claims:
        if not any(verdict in ("match", "unhashed") for verdict in claims.values()):
            return STARTUP_ALTERED, "its bytes are not those that RECORD lists"
        if subject.lock is not None and hook.owner is None and not any(_is_pinned(subject, one) for one in owners):
            return _judged_unpinned(subject, hook, owners)
        return None, f"of {some(subject.labels(owners))}"
    if scheme in subject.snapshot.interpreter.managed_sites:
        return None, "of the system"
    file = subject.snapshot.files.get(hook.path)
    if file is not None and file.conda:
        return None, "of conda"
    if hook.kind == "shadow":
        return STDLIB_SHADOWED, ""
    module, _, suffix = name.rpartition(".")
    if module in MADE and suffix == hook.kind:
        return _judged_made(subject, hook, module)
    if hook.path == "stdlib/sitecustomize.py" and hook.sha256 is not None and is_crash_reporter(hook.runs):
        return None, ""
    if hook.kind == "pth" and is_setuptools(hook.runs):
        return None, "of setuptools or virtualenvwrapper"
    return STARTUP_UNOWNED, ""


def _judged_unpinned(subject: Subject, hook: Hook, owners: list[str]) -> tuple[Rule | None, str]:
    """Return the result of `_judged` for an unchanged hook of distributions that the lock does not pin."""
    if reason := _unpinned_because(subject, owners):
        return None, f"of {some(subject.labels(owners))}, {reason}"
    if hook.path.partition("/")[0] in subject.snapshot.interpreter.managed_sites:
        return None, "of the system"
    if subject.is_of_base(hook.path):
        return None, f"of {some(subject.labels(owners))}, in the base Python"
    return STARTUP_UNLOCKED, "the lock does not pin it"


def _judged_made(subject: Subject, hook: Hook, module: str) -> tuple[Rule | None, str]:
    """Return the result of `_judged` for a hook that imports `module`, a key of MADE.

    If the rule is None, the text names the programs that write such a hook. But if no release of these programs wrote
    the module, the text is empty, because `_changed_modules` yields a finding about the module.
    """
    if not MADE[module].lines.issuperset(hook.runs):
        return STARTUP_ALTERED, ""
    return None, f"of {MADE[module].programs}" if not any(_changed_modules(subject, module)) else ""


def _is_pinned(subject: Subject, owner: str) -> bool:
    """Return whether the lock pins the distribution with this id in the installed version."""
    installed = subject.snapshot.by_id.get(owner)
    pin = subject.pins.get(canonicalize_name(installed.name)) if installed else None
    if pin is None or installed is None:
        return False
    return pin.allows(installed.version)


def _unpinned_because(subject: Subject, owners: list[str]) -> str | None:
    """Return why the lock need not pin the distributions `owners`.

    Return None if the lock must pin at least one of them, or if it pins at least one of them.
    """
    names = {canonicalize_name(one.name) for one in map(subject.snapshot.by_id.get, owners) if one is not None}
    seeds = dict.fromkeys(() if subject.config.exact else SEEDS, "which came with the environment")
    reasons = {**subject.excused, **seeds}
    if not names or not names <= reasons.keys() - subject.pins.keys():
        return None
    return reasons[min(names)]


def _changed_modules(subject: Subject, module: str) -> Iterator[Finding]:
    """Yield a finding for each file of `module`, a key of MADE, that no known release of virtualenv, uv or pex wrote.

    The programs write only a file with the suffix .py. But Python would import a folder or an extension module with
    this name instead.
    """
    for path, file in subject.snapshot.files.items():
        scheme, _, name = path.partition("/")
        ours = scheme.startswith("site") and name.startswith((f"{module}.", f"{module}/")) and name.count("/") < 2
        if not ours or file.claims or name.endswith((".pth", ".start")) or file.kind == "missing":
            continue
        if name != f"{module}.py" or file.sha256 not in MADE[module].modules:
            message = f"{path} is in no release of {MADE[module].programs} that this envparity knows"
            yield subject.finding(STARTUP_ALTERED, message, paths=[path])


FAMILY = Family(RULES, check)
