"""A Spark cluster on this machine: a master, workers and a server as processes of their own.

It is there to try what a real cluster does (docs/scale.md), and for tests. Everything listens on
loopback only, nothing outlives the process that started it, and nothing outlives its time.

The server is one Spark application with two doors, the Thrift protocol and Spark Connect, so that
what dbt builds through one is seen through the other. Tables and their catalog lie where the target
``spark_local`` has them: one program at a time can hold them.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from trasos.engines import loopback, programs
from trasos.engines.loopback import HOST
from trasos.engines.processes import Processes
from trasos.errors import ConfigurationError, NotReadyError, TrasosError
from trasos.files import exclusive
from trasos.settings import Settings


@dataclass(frozen=True)
class ClusterConfig:
    """What cluster to start.

    Attributes:
        home: the shop's folder: ``warehouse`` holds tables and catalog, ``logs/spark`` the logs.
        workers: number of workers, each with one core and one executor.
        minutes: how long the cluster may live, its start included.
        driver_memory_mb: heap of the server.
        executor_memory_mb: heap of each executor.
        thrift_port: port of the Thrift protocol; 0 takes a free one.
        connect_port: port of Spark Connect; 0 takes a free one.
        start_seconds: how long each process may take to be ready.
    """

    home: Path
    workers: int = 2
    minutes: float = 60
    driver_memory_mb: int = 1000
    executor_memory_mb: int = 900
    thrift_port: int = 0
    connect_port: int = 0
    start_seconds: float = 300

    def __post_init__(self) -> None:
        """Refuse what no cluster can be."""
        if self.workers < 1:
            raise ConfigurationError(f"A cluster wants a worker at least, not {self.workers}.")
        if self.minutes <= 0:
            raise ConfigurationError(f"{self.minutes:g} minutes are no time to live.")


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    Attributes:
        home: the shop's folder, as an absolute path.
        workers: number of workers.
        thrift_port: where it speaks Thrift.
        connect_port: where it speaks Spark Connect.
        processes: its master, workers and server.
    """

    home: Path
    workers: int
    thrift_port: int
    connect_port: int
    processes: Processes

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which profiles.yml finds this cluster."""
        return {
            "TRASOS_HOME": str(self.home),
            "TRASOS_SPARK_HOST": HOST,
            "TRASOS_SPARK_THRIFT_PORT": str(self.thrift_port),
            "TRASOS_SPARK_REMOTE": f"sc://{HOST}:{self.connect_port}",
        }

    def finished_tasks(self) -> list[int]:
        """How many tasks the executors of each worker have finished, as their logs say."""
        return [
            sum(
                log.read_text(errors="replace").count("Finished task")
                for log in (_logs(self.home) / f"worker{number}").glob("app-*/*/stderr")
            )
            for number in range(1, self.workers + 1)
        ]


@contextmanager
def local_cluster(config: ClusterConfig, say: Callable[[str], None]) -> Iterator[Cluster]:
    """Start a cluster, and end it when the block is left, however that happens.

    Args:
        config: what cluster.
        say: takes lines for people about how far the start is.

    Yields:
        The cluster, ready for both kinds of clients.

    Raises:
        ConfigurationError: Java or Spark is missing, or a port is taken.
        NotReadyError: a process ended or was not ready in time, or a cluster runs on this home.
    """
    spark = programs.find_spark()
    programs.require_java()
    home = config.home.resolve()
    logs, scratch = _logs(home), home / "build" / "spark"
    thrift_port, connect_port, master_port, status_port = loopback.free_ports(
        config.thrift_port, config.connect_port, 0, 0
    )
    with ExitStack() as stack:
        stack.enter_context(
            exclusive(home / "build" / "spark.lock", f"running a Spark cluster on {home}")
        )
        for folder in (logs, scratch):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        (home / "warehouse").mkdir(exist_ok=True)
        processes = Processes(logs, config.minutes * 60)
        stack.callback(processes.stop)

        def wait_until(name: str, ready: Callable[[], bool]) -> None:
            processes.wait_until(name, ready, config.start_seconds, say)

        state = loopback.state_at(status_port)
        daemons = programs.daemon_environment(spark, scratch)
        processes.start("master", programs.master(spark, master_port, status_port), daemons)
        wait_until("master", lambda: bool(state()))
        for number in range(1, config.workers + 1):
            work = logs / f"worker{number}"
            command = programs.worker(spark, master_port, config.executor_memory_mb, work)
            processes.start(f"worker {number}", command, daemons)
        wait_until("workers", lambda: state().get("aliveworkers") == config.workers)
        server = programs.server(
            spark,
            master_port,
            thrift_port=thrift_port,
            connect_port=connect_port,
            workers=config.workers,
            driver_memory_mb=config.driver_memory_mb,
            executor_memory_mb=config.executor_memory_mb,
            warehouse=home / "warehouse",
            scratch=scratch,
        )
        processes.start("server", server, programs.environment(spark, scratch))
        wait_until(
            "server",
            lambda: (
                loopback.answers(thrift_port)
                and loopback.answers(connect_port)
                and state().get("coresused") == config.workers
            ),
        )
        yield Cluster(home, config.workers, thrift_port, connect_port, processes)


def stay(cluster: Cluster) -> None:
    """Wait until the cluster's time is over.

    Raises:
        NotReadyError: one of its processes ended before.
    """
    while cluster.processes.seconds_left():
        cluster.processes.check()
        time.sleep(0.2)


def run(cluster: Cluster, command: Sequence[str]) -> int:
    """Run a command that finds the cluster in its environment.

    Returns:
        Its exit code; that of a command which a signal ended is 128 and the signal's number.

    Raises:
        NotReadyError: the cluster's time was over first, or one of its processes ended.
    """
    child = subprocess.Popen(command, env={**os.environ, **cluster.environment})
    try:
        while cluster.processes.seconds_left():
            try:
                code = child.wait(0.2)
                return code if code >= 0 else 128 - code
            except subprocess.TimeoutExpired:
                cluster.processes.check()
        raise NotReadyError(
            f"The cluster's time was over before `{shlex.join(command)}` had ended: give it more "
            "minutes."
        )
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Start a cluster from the command line.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m trasos.engines.cluster",
        usage="%(prog)s [OPTION ...] [-- COMMAND ...]",
        description="A Spark cluster on this machine, to try: a master, workers and a server as "
        "processes of their own. It runs COMMAND, which finds the cluster in its environment, and "
        "ends with it; without one it stays until its time is over or Ctrl-C.",
    )
    parser.add_argument("--home", type=Path, default=Settings.from_env().home, metavar="DIR")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument("--minutes", type=float, default=60, metavar="N")
    for name in ("thrift", "connect"):
        parser.add_argument(
            f"--{name}-port", type=int, default=0, metavar="N", help="0: a free one"
        )
    parser.add_argument("command", nargs="*", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    # As Ctrl-C does, it leaves the blocks that end the cluster.
    signal.signal(signal.SIGTERM, _exit)
    try:
        if asked.command and shutil.which(asked.command[0]) is None:
            raise ConfigurationError(f"There is no command {asked.command[0]} to run.")
        config = ClusterConfig(
            home=asked.home,
            workers=asked.workers,
            minutes=asked.minutes,
            thrift_port=asked.thrift_port,
            connect_port=asked.connect_port,
        )
        with local_cluster(config, _say) as cluster:
            if asked.command:
                return run(cluster, asked.command)
            _say(_how_to_use(cluster))
            stay(cluster)
            _say("The cluster's time is over.")
            return 0
    except TrasosError as error:
        _say(f"Error: {error}")
        return 1
    except KeyboardInterrupt:
        _say("The cluster has ended.")
        return 130 if asked.command else 0


def _how_to_use(cluster: Cluster) -> str:
    exports = "\n".join(
        f"    export {name}={shlex.quote(value)}" for name, value in cluster.environment.items()
    )
    return (
        f"The cluster is ready. In another terminal:\n{exports}\n"
        "    .venv/bin/dbt build --target spark_thrift      # or spark_connect\n"
        f"Logs are in {_logs(cluster.home)}. It ends with Ctrl-C, or by itself after "
        f"{cluster.processes.seconds_left() / 60:.0f} minutes."
    )


def _exit(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _logs(home: Path) -> Path:
    return home / "logs" / "spark"


if __name__ == "__main__":
    sys.exit(main())
