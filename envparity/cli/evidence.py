"""The commands attest and verify: attest writes a statement about a report, and verify checks a signed statement.

A report lists the findings of envparity about environments. A door is a way to reach an environment.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from envparity.cli.command import ANSWERED, VERIFIED, Command
from envparity.cli.options import add_outside, add_timeout, add_track, outside_of
from envparity.cli.output import progress, say
from envparity.errors import EnvparityError
from envparity.files import read_whole, write_whole
from envparity.project.config import Config
from envparity.snapshot.doors import Look
from envparity.text import visible


def _add_attest(parser: ArgumentParser) -> None:
    parser.add_argument("report", metavar="REPORT", help="a report that --report FILE.json wrote")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the statement to FILE (default: to standard output)"
    )


def _attest(_config: Config, options: Namespace) -> int:
    from envparity.evidence.statement import as_bytes, make_statement, time_of

    path = Path(options.report)
    statement = make_statement(read_whole(path, "a report"), visible(options.report), time_of(path))
    if options.output is None:
        say(as_bytes(statement))
    else:
        write_whole("--output", options.output, as_bytes(statement))
    return 0


def _add_verify(parser: ArgumentParser) -> None:
    parser.add_argument("statement", metavar="STATEMENT", help="a statement that envparity attest wrote")
    parser.add_argument("--report", metavar="FILE", help="the report that the statement must be about")
    parser.add_argument(
        "--environment",
        action="append",
        default=[],
        metavar="DOOR",
        help="an environment that the statement must be about: a door, as for envparity check, such as the folder of "
        "an environment, a saved snapshot or image:NAME; may be repeated",
    )
    parser.add_argument("--lock", metavar="FILE", help="the lock that the statement must be about")
    parser.add_argument("--passed", action="store_true", help="refuse a statement about a report that has errors")
    group = parser.add_argument_group("the signature of ssh-keygen -Y sign -n envparity")
    group.add_argument(
        "--allowed-signers",
        metavar="FILE",
        help="the keys that you trust, in the format that `man ssh-keygen` describes under ALLOWED SIGNERS",
    )
    group.add_argument("--signer", metavar="NAME", help="expect the signature of NAME (default: of any allowed signer)")
    group.add_argument("--signature", metavar="FILE", help="the signature (default: the file STATEMENT.sig)")
    group.add_argument(
        "--no-signature",
        action="store_true",
        help="do not check the signature, because another program such as cosign has checked it",
    )
    add_track(parser)
    add_outside(parser)
    add_timeout(parser, "the time limit for opening and reading a door, in seconds (default: 900)")


def _verify(config: Config, options: Namespace) -> int:
    from envparity.evidence.statement import Refused

    try:
        proved = progress("verifying", lambda _: _proved(config, options))
    except Refused as error:
        say(f"refused: {error}\n")
        return 1
    say(f"verified: {'; '.join(proved)}\n")
    return 0


def _proved(config: Config, options: Namespace) -> list[str]:
    """Return a text for each fact about the statement: for example who signed it, or that its signature is unchecked.

    Raise Refused for the first wrong fact. Raise EnvparityError if the command line is wrong, or if a fact cannot be
    checked.
    """
    from envparity.evidence.signature import check_signature
    from envparity.evidence.statement import Refused, decode_statement
    from envparity.evidence.verify import check_door, check_lock, check_report

    # The command line is checked first, so that a wrong command line fails before any work is done.
    if options.no_signature == (options.allowed_signers is not None):
        found = "both" if options.no_signature else "neither"
        raise EnvparityError(f"verify: expected --allowed-signers FILE or --no-signature, found {found}")
    path = Path(options.statement)
    name, data = visible(options.statement), read_whole(path, "a statement")
    if options.no_signature:
        proved = [f"the signature of {name} was not checked"]
    else:
        signature = Path(options.signature or f"{options.statement}.sig")
        signer = check_signature(data, signature, Path(options.allowed_signers), options.signer)
        proved = [f"{signer.name} signed {name} (key {signer.key})"]
    statement = decode_statement(data, name)
    result = statement.predicate.result
    if options.passed and result.errors:
        raise Refused(f"{name}: expected a report without errors, found {result.errors} errors")
    proved.append(f"the report of {statement.predicate.time} has {result.errors} errors and {result.notes} notes")
    if options.report is not None:
        proved.append(check_report(statement, Path(options.report)))
    if options.lock is not None:
        proved.append(check_lock(statement, Path(options.lock)))
    track, config = config.check_track(options.track), config.with_outside(dict(options.outside))
    look = Look(behaviour=False, timeout=options.timeout, outside=outside_of(options))
    proved.extend(check_door(statement, door, config, track, look) for door in options.environment)
    return proved


ATTEST = Command(
    "attest",
    "write a statement about a report, in the format in-toto; ssh-keygen, cosign or sigstore can sign the statement",
    ANSWERED,
    _add_attest,
    _attest,
)
VERIFY = Command(
    "verify",
    "check the signature of a statement, and whether it is about the report, the lock and the environments that "
    "you name",
    VERIFIED,
    _add_verify,
    _verify,
)
