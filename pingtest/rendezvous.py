"""How the dialer learns the listener's multiaddr: through a list in the harness's Redis, or an inherited pipe."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import trio

from pingtest.errors import Failure, Status, named, naming
from pingtest.settings import Pipe, Redis, Settings

Answer = TypeVar("Answer")
Begun = TypeVar("Begun")

# _PATIENCE and _RETRY are in seconds. A role fails if Redis cannot be reached for _PATIENCE, at the start or later, or
# for half of the test's time if this is shorter. _RETRY is the pause between two attempts.
_PATIENCE = 10.0
_RETRY = 0.2
_FAREWELL = 0.4  # seconds for a stopped listener to take its address out of the list


class PipeRendezvous:
    """A pipe that both processes inherit: the listener writes to it, and the dialer notices if the listener ends."""

    def __init__(self, pipe: Pipe) -> None:
        """Raise Failure if the descriptor is not an open pipe."""
        self.source = f"the pipe RENDEZVOUS_FD={pipe.descriptor}"
        self._descriptor = pipe.descriptor
        with naming(Status.SETTINGS, f"{self.source}: expected an inherited pipe"):
            if not stat.S_ISFIFO(os.fstat(self._descriptor).st_mode):
                raise Failure(Status.SETTINGS, f"{self.source}: expected an inherited pipe, found another file")

    async def announce(self, address: str) -> None:
        """Write the address, close the pipe, and wait to be cancelled; raise Failure if the pipe cannot be written."""
        with naming(Status.RENDEZVOUS, f"{self.source}: expected a pipe to write to"):
            os.write(self._descriptor, address.encode())
            os.close(self._descriptor)
        await trio.sleep_forever()

    async def take(self) -> str:
        """Read until the listener closes the pipe, and return the address; raise Failure if the pipe was empty."""
        with naming(Status.RENDEZVOUS, f"{self.source}: expected a pipe to read from"):
            async with trio.lowlevel.FdStream(self._descriptor) as stream:
                text = b"".join([part async for part in stream])
        if not text:
            raise Failure(Status.RENDEZVOUS, f"{self.source}: expected an address, found that the listener has ended")
        return str(text, "ascii", "backslashreplace")


class RedisRendezvous:
    """The harness's Redis. The listener sends PING, SUBSCRIBE, DEL and RPUSH, and LPOP when it is stopped.

    If LPOP returns the address of another listener, the listener puts that address back with RPUSH. The dialer sends
    PING and BLPOP. The client's calls block, so they run in threads. When the test's time is over, trio abandons
    the thread. So a Redis that hangs does not delay the process.
    """

    def __init__(self, where: Redis, timeout: float, notes: list[str] | None = None) -> None:
        """Do not connect yet. `timeout` is the test's time in seconds, and `notes` gets lines for standard error."""
        import redis  # only here, because a test over a pipe does not need it

        self._redis = redis
        self.source = f"Redis at {where.endpoint}, key {where.key}"
        self._where = where
        self._patience = min(_PATIENCE, 0.5 * timeout)
        self._notes = [] if notes is None else notes

    async def announce(self, address: str) -> None:
        """Put the address into the dialer's list, and again after each lost connection to Redis, until cancelled.

        Then take the address out of the list, so that a later dialer with the same key does not dial this address.
        """

        def put(client: Any) -> Any:
            client.ping()
            watch = client.pubsub()
            watch.subscribe(f"{self._where.key}:watch")  # nobody publishes there: only a lost connection ends the wait
            watch.get_message(timeout=None)  # read the answer to SUBSCRIBE
            client.delete(self._where.key)
            if not isinstance(found := client.rpush(self._where.key, address), int):
                raise self._redis.InvalidResponse(f"{str(found)[:60]!r} as the answer to RPUSH")
            return watch

        try:
            while True:
                await self._ask("PING, SUBSCRIBE, DEL and RPUSH", put, lambda watch: watch.get_message(timeout=None))
        finally:
            limits = {"protocol": 2, "socket_timeout": _FAREWELL, "socket_connect_timeout": _FAREWELL}
            client = self._redis.Redis.from_url(self._where.url, **limits)
            end = trio.current_time() + _FAREWELL
            # The client raises errors of any type at a broken answer, and nobody needs the answer to this command.
            with trio.CancelScope(deadline=end, shield=True), suppress(Exception):
                await _in_thread(partial(self._withdraw, client, address))

    async def take(self) -> str:
        """Wait for the listener's address and return it; raise Failure if Redis cannot be used.

        A listener deletes the key before it announces its address. So if the key holds a value other than a list, this
        method adds one note and waits for the listener.
        """
        while True:
            found = await self._ask("PING", _greet, self._pop)
            if found is not None:
                return str(found, "ascii", "backslashreplace")
            note = f"{self.source}: expected a list, found a key of another type; waiting for the listener"
            if note not in self._notes:
                self._notes.append(note)
            await trio.sleep(_RETRY)

    def _withdraw(self, client: Any, address: str) -> None:
        """Take the address out of the list with LPOP.

        In unified-testing, a program that follows test-plans does not reach Redis itself. It reaches a proxy, which
        changes the key. This proxy knows LPOP but not LREM.
        """
        found = client.lpop(self._where.key)
        if found not in (None, address.encode()):
            client.rpush(self._where.key, found)

    def _pop(self, client: Any) -> bytes | None:
        """Wait for an address in the list and return it; return None if the key holds a value other than a list."""
        try:
            found = client.blpop([self._where.key], timeout=0)
        except self._redis.ResponseError as error:
            if str(error).startswith("WRONGTYPE"):
                return None
            raise
        match found:
            case [bytes(), bytes() as address]:
                return address
        raise self._redis.InvalidResponse(f"{str(found)[:60]!r} as the answer to BLPOP")

    async def _ask(self, commands: str, begin: Callable[[Any], Begun], wait: Callable[[Begun], Answer]) -> Answer:
        """Call `begin` with a new client, then `wait` with the result of `begin`; return the result of `wait`.

        `begin` sends `commands`, which Redis answers at once; `wait` may take long. If Redis cannot be reached, try
        again for `_patience` seconds, and then raise Failure.
        """
        redis = self._redis
        retry = redis.retry.Retry(redis.backoff.NoBackoff(), 0)
        limits = {"protocol": 2, "retry": retry, "socket_timeout": None, "socket_connect_timeout": self._patience}
        seen = trio.current_time()
        while True:
            client = redis.Redis.from_url(self._where.url, **limits)
            try:
                with trio.fail_after(self._patience):
                    begun = await _in_thread(partial(begin, client))
                seen = trio.current_time()
                return await _in_thread(partial(wait, begun))
            except trio.TooSlowError as error:
                raise self._failure(f"an answer to {commands}", f"none in {self._patience:g} s") from error
            except redis.AuthenticationError as error:
                raise self._failure("access", f"{error}; put the password into REDIS_ADDR") from error
            except redis.ConnectionError as error:
                if trio.current_time() - seen > self._patience:
                    why = f"{error}, for {self._patience:g} s; start Redis, or correct REDIS_ADDR"
                    raise self._failure("a Redis that accepts connections", why) from error
                await trio.sleep(_RETRY)
            except Exception as error:  # the client raises errors of any type at a broken answer
                expected = f"{self.source}: expected a Redis that accepts our commands"
                raise named(error, Status.RENDEZVOUS, expected) from error

    def _failure(self, expected: str, found: str) -> Failure:
        return Failure(Status.RENDEZVOUS, f"{self.source}: expected {expected}, found: {found}")


def _greet(client: Any) -> Any:
    client.ping()
    return client


async def _in_thread(call: Callable[[], Answer]) -> Answer:
    # libp2p requires trio-typing, so the type checker uses the types of an older trio, which lacks `abandon_on_cancel`.
    return await trio.to_thread.run_sync(call, abandon_on_cancel=True)  # type: ignore[call-arg]


def open_rendezvous(settings: Settings, notes: list[str] | None = None) -> PipeRendezvous | RedisRendezvous:
    """Return the rendezvous of the settings, which does not connect yet. `notes` gets lines for standard error."""
    where = settings.rendezvous
    return PipeRendezvous(where) if isinstance(where, Pipe) else RedisRendezvous(where, settings.timeout, notes)
