"""The import names of Python's own modules, by version, as `sys.stdlib_module_names` has them.

A running Python knows these names. From outside, no Python of the environment runs, so this module lists the names.
Before Python 3.10 no Python has the list. For such a Python, `run.py` looks into the folders of the standard library.
"""

_IN_EVERY = """
    __future__ _abc _aix_support _ast _asyncio _bisect _blake2 _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022
    _codecs_jp _codecs_kr _codecs_tw _collections _collections_abc _compat_pickle _compression _contextvars _csv
    _ctypes _curses _curses_panel _datetime _dbm _decimal _elementtree _frozen_importlib _frozen_importlib_external
    _functools _gdbm _hashlib _heapq _imp _io _json _locale _lsprof _lzma _markupbase _md5 _multibytecodec
    _multiprocessing _opcode _operator _osx_support _overlapped _pickle _posixshmem _posixsubprocess _py_abc
    _pydecimal _pyio _queue _random _scproxy _sha1 _sha3 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat
    _statistics _string _strptime _struct _symtable _thread _threading_local _tkinter _tracemalloc _uuid _warnings
    _weakref _weakrefset _winapi _zoneinfo abc antigravity argparse array ast asyncio atexit base64 bdb binascii
    bisect builtins bz2 cProfile calendar cmath cmd code codecs codeop collections colorsys compileall concurrent
    configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm decimal difflib dis
    doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib
    functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib
    imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox marshal math
    mimetypes mmap modulefinder msvcrt multiprocessing netrc nt ntpath nturl2path numbers opcode operator optparse
    os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd
    py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy
    sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 sre_compile
    sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog
    tabnanny tarfile tempfile termios textwrap this threading time timeit tkinter token tokenize trace traceback
    tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uuid venv warnings wave weakref
    webbrowser winreg winsound wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
"""
# A line has the first and the last minor version with these modules, then their names. If the last version is 0, the
# newest Python still has the modules.
_SINCE = """
    10-10: binhex
    10-11: _bootsubprocess _sha256 _sha512 asynchat asyncore distutils imp smtpd
    10-12: _crypt _msi aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes
    10-12: sndhdr spwd sunau telnetlib uu xdrlib
    11-0: _tokenize _typing tomllib
    12-0: _pydatetime _pylong _sha2
    13-0: _android_support _colorize _interpchannels _interpqueues _interpreters _ios_support _opcode_metadata _pyrepl
    13-0: _suggestions _sysconfig _wmi
    14-0: _ast_unparse _hmac _py_warnings _remote_debugging _types _zstd annotationlib compression
"""
_LISTED_SINCE = 10  # the first minor version that has `sys.stdlib_module_names`
# Modules that are in the interpreter itself, so no folder of the standard library has them.
BUILT_IN = frozenset(
    "_abc _ast _codecs _collections _functools _imp _io _locale _operator _signal _sre _stat _string _symtable _thread "
    "_tracemalloc _warnings _weakref atexit builtins errno faulthandler gc itertools marshal posix pwd sys time".split()
)


def standard_names(minor: int) -> frozenset[str] | None:
    """Return the value of `sys.stdlib_module_names` in Python 3.`minor`; None before Python 3.10, which has no list."""
    if minor < _LISTED_SINCE:
        return None
    found = set(_IN_EVERY.split())
    for line in _SINCE.strip().splitlines():
        versions, _, names = line.strip().partition(": ")
        first, last = map(int, versions.split("-"))
        if first <= minor and (minor <= last or last == 0):
            found.update(names.split())
    return frozenset(found)
