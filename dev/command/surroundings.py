"""Prepare the caller's environment variables for a command: remove some, set others, and make paths absolute.

A person sets a variable for one program, for example `PIP_CERT` for pip. The commands also start uv, git, npm and Node,
which read other variables. So the commands pass the same certificate file and the same proxy to all these programs.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path

PYTHON = (
    *("PYTHONBREAKPOINT", "PYTHONCASEOK", "PYTHONDEVMODE", "PYTHONHOME", "PYTHONINSPECT", "PYTHONOPTIMIZE"),
    *("PYTHONPATH", "PYTHONPLATLIBDIR", "PYTHONPROFILEIMPORTTIME", "PYTHONPYCACHEPREFIX", "PYTHONSAFEPATH"),
    *("PYTHONSTARTUP", "PYTHONVERBOSE", "PYTHONWARNINGS"),
)
"""The variables that change which modules Python imports, which bytecode it writes, or what it prints."""
AUTHORITIES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""The variables that name the file of this machine's own certificate authorities. The first one that is set counts."""
_READERS = (
    *AUTHORITIES,
    *("CARGO_HTTP_CAINFO", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "NIX_SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"),
)
"""The variables in which pip, uv, cargo, curl, git, Nix, Node and npm look for a file of certificate authorities."""
PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
"""The variables that name a proxy. Some programs read only the name in capitals, others only in small letters."""
# Variables that may hold a path. A command leaves the caller's folder, so it makes these paths absolute.
_PATHS = ("LIBP2P_SOURCE", *AUTHORITIES)


def settle(environ: MutableMapping[str, str] = os.environ) -> None:
    """Remove the variables in `PYTHON`, make relative paths absolute, and set missing certificate and proxy variables.

    The paths are those in LIBP2P_SOURCE and in the variables in `AUTHORITIES`.

    For example, if only PIP_CERT is set, this function sets SSL_CERT_FILE and the other certificate variables to the
    same file. A variable that already names a certificate file or a proxy keeps its value. If the certificate file does
    not exist, the function does not copy its path to other variables.

    A missing proxy variable gets the value of the same name in capitals or small letters. For example, `https_proxy`
    gets the value of HTTPS_PROXY.
    """
    for name in _PATHS:
        value = environ.get(name)
        if value and not value.startswith("git+"):
            environ[name] = str(Path.cwd() / Path(value).expanduser())
    for name in PYTHON:
        environ.pop(name, None)
    file = next((environ[name] for name in AUTHORITIES if environ.get(name)), None)
    if file is not None and Path(file).is_file():
        for name in _READERS:
            environ[name] = environ.get(name) or file
    for name in PROXIES:
        value = environ.get(name) or environ.get(name.lower())
        if value:
            for one in (name, name.lower()):
                environ[one] = environ.get(one) or value
