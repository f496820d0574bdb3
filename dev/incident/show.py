"""The printed report of the incident of November 2025, for a reader who does not know the incident."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dev.incident.expect import INTRUDER, OWNER
from dev.incident.facts import CallResult, Incident, Made, Observation, Race, Ran

_TOLD = ("multiaddr", "py-cid", "py-multihash", "pymultihash")


def show(incident: Incident, out: Console) -> None:
    """Print every step of the incident in order."""
    _opening(incident, out)
    for number, made in ((2, incident.pip), (3, incident.uv)):
        _heading(out, number, f"Installed with {made.installer}")
        _made(made, out)
    _workaround(incident, out)
    _races(incident, out)


def _heading(out: Console, number: int, text: str) -> None:
    out.print()
    out.print(Text(f"{number}. {text}", "bold"))


def _line(out: Console, *parts: str | tuple[str, str]) -> None:
    out.print(Text.assemble("   ", *parts), soft_wrap=True)


def _opening(incident: Incident, out: Console) -> None:
    day = incident.as_of[:10]
    out.print(Text(f"The incident: {incident.requirement.replace('==', ' ')}, installed as on {day}", "bold"))
    installers = ", ".join(f"{name} {version}" for name, version in incident.installers.items())
    out.print(Text(f"Python {incident.python}, {installers}, {incident.platform}, {incident.cpus} CPUs", "dim"))
    _heading(out, 1, f"The versions that pip and uv choose on {day}")
    told = [pin.replace("==", " ") for pin in incident.resolved if pin.partition("==")[0] in _TOLD]
    _line(out, f"{len(incident.resolved)} distributions, among them {', '.join(told)}.")
    _line(out, "py-multihash and pymultihash are two distributions that install one package, `multihash`.")
    _line(out, "libp2p calls the functions of pymultihash. Another requirement brought py-multihash in:")
    since = incident.introduced
    when = f" ({since.uploaded.replace('T', ' ')[:16]} UTC)" if since.uploaded else ""
    _line(out, f"{since.release}{when} is the first release that requires py-multihash; {since.before} did not.")


def _made(made: Made, out: Console) -> None:
    _line(out, (f"{made.install.command}   {made.install.seconds:.1f} s", "dim"))
    _health(made.seen, out)
    _call(out, made.seen.peer_id)
    if made.seen.winners == (OWNER,):
        _line(out, f"libp2p works, because uv wrote {OWNER} last this time. Step 5 counts how often uv writes it last.")
    _parity(made.seen, out)


def _health(seen: Observation, out: Console) -> None:
    fine = seen.importing.value is not None
    _line(out, "import libp2p      ", _mark(fine, "passes" if fine else str(seen.importing.error)))
    for check in seen.checks:
        _check(check, out)


def _check(check: Ran, out: Console) -> None:
    said = "; ".join(check.said) or "nothing"
    _line(out, f"{check.command:<19}", _mark(check.status == 0, f"exit {check.status}"), f"  {said}")


def _mark(fine: bool, text: str) -> tuple[str, str]:
    return text, "green" if fine else "bold red"


def _call(out: Console, call: CallResult) -> None:
    if call.error is None:
        _line(out, "ID.from_pubkey(…)  ", _mark(True, "passes"), f"  {call.value}")
        return
    _line(out, "ID.from_pubkey(…)  ", _mark(False, call.error))
    if call.frame:
        _line(out, " " * 19, f"{call.frame.file}:{call.frame.line}, in {call.frame.function}: {call.frame.source}")


def _parity(seen: Observation, out: Console) -> None:
    errors = f"{len(seen.findings)} error{'s' * (len(seen.findings) != 1)}"
    _line(out, "envparity          ", _mark(not seen.findings, errors), f", {seen.notes} notes")
    for one in seen.findings:
        _line(out, "  ", (one.code, "bold"), f"  {one.message.partition('; ')[0]}")
    if seen.contested:
        _line(out, "  which distribution's bytes are installed")
        width = max(len(one.path) for one in seen.contested)
        for path in seen.contested:
            _line(out, f"    {path.path:<{width}}  ", (" and ".join(path.there) or "nobody's", "bold"))
        _line(out, "    torn: one file from each" if seen.torn else "    not torn: both files from one distribution")
    if seen.paths:
        _line(out, "  how py-multihash came in")
        for way in seen.paths:
            _line(out, f"    {way}")


def _workaround(incident: Incident, out: Console) -> None:
    done = incident.workaround
    _heading(out, 4, "The image's workaround, on a copy of pip's environment")
    _line(out, ("$ ", "dim"), done.ran.command)
    for stray in done.strays:
        _line(out, "The shell read the unquoted `>=0.8.2` as a redirection. So pip could install any version, and its")
        _line(out, f"output, {stray.size} bytes, is in a new file named ", (stray.name, "bold"), ", which contains:")
        for line in stray.lines:
            _line(out, f"  {line}")
    _line(out, "Now libp2p works, but the installers' checks fail. They passed while libp2p was broken:")
    _health(done.seen, out)
    _call(out, done.seen.peer_id)
    _parity(done.seen, out)


def _races(incident: Incident, out: Console) -> None:
    runs = incident.races[0].runs if incident.races else 0
    _heading(out, 5, f"The same install by uv, {runs} times at each concurrency")
    _line(
        out, f"{incident.race_requirement} as of {incident.race_as_of[:10]}; which distribution wrote `multihash` last:"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("   UV_CONCURRENT_INSTALLS", justify="right")
    for heading in (OWNER.partition(" ")[0], INTRUDER.partition(" ")[0], "torn", "s each"):
        table.add_column(heading, justify="right")
    for race in incident.races:
        table.add_row(*_row(race))
    out.print(table)
    _line(out, "torn: one file from each distribution. The lock, the installer and the day are always the same.")


def _row(race: Race) -> tuple[Text, ...]:
    counts = [race.won.get(name, 0) for name in (OWNER.partition(" ")[0], INTRUDER.partition(" ")[0])]
    return (
        Text(str(race.at_once)),
        *(Text(str(count)) for count in counts),
        Text(str(race.torn), "bold red" if race.torn else ""),
        Text(f"{race.seconds:.2f}"),
    )


def conclude(incident: Incident, unseen: Sequence[str], out: Console) -> None:
    """Print whether the run reproduced the known incident; `unseen` are the facts that were not observed."""
    out.print()
    if not unseen:
        _line(out, ("reproduced", "bold green"), f": every expected fact was observed, in {incident.seconds:.0f} s")
    for line in unseen:
        _line(out, ("not observed", "bold red"), f": {line}")
