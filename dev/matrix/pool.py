"""Run many tests at the same time, with a fixed number of workers."""

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event

from dev.matrix.endings import PingOutcome
from dev.matrix.engines import Stage
from dev.matrix.plan import Test
from dev.matrix.run import Result
from dev.matrix.verdict import enough, verdict


def run_all(tests: Iterable[Test], stage: Stage, workers: int, retries: int) -> Generator[PingOutcome, None, None]:
    """Run each test, repeat a failed test up to `retries` times, and yield each outcome when its test is done.

    `workers` tests run at the same time. If the caller closes the generator, the running tests end without an outcome.
    """
    stopping = Event()

    def work(test: Test) -> PingOutcome:
        results: list[Result] = []
        while not stopping.is_set() and not (results and enough(results, retries)):
            try:
                results.append(stage.attempt(test))
            except OSError as error:  # a program is missing, or the machine cannot start more processes
                results.append(Result(test, 0.0, None, f"expected both sides to start, found: {error}"))
        return verdict(results)

    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(work, test) for test in tests]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            stopping.set()
            if any([not future.cancel() and not future.done() for future in futures]):  # noqa: C419 - cancel all
                stage.stop()
