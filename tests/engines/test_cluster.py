"""The cluster's life and death, with programs that play Spark: they start in no time."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.home import ROOT
from trasos.engines.cluster import ClusterConfig, local_cluster, stay
from trasos.errors import ConfigurationError, NotReadyError

# A `java` that answers Spark's scripts, and then plays the class that it is called for. Each leaves
# a file named by its part and process id, by which the master counts and tests look for them.
JAVA = """#!{python} -I
import json, os, signal, socket, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

words = sys.argv[1:]
if "org.apache.spark.launcher.Main" in words:
    command = [sys.argv[0], *words[words.index("org.apache.spark.launcher.Main") + 1 :]]
    sys.stdout.write("\\0\\n" + "".join(word + "\\0" for word in command))
    sys.exit(0)

part = words[0].rsplit(".", 1)[1]
here = Path.cwd()


def register(name, pid):
    (here / f"{{name}}.{{pid}}.pid").touch()


def after(word):
    return int(words[words.index(word) + 1])


if os.environ.get("FAKE_DIES") == part:
    print("no room left for", part)
    sys.exit(3)
register(part, os.getpid())
if part == "Master":

    class State(BaseHTTPRequestHandler):
        def do_GET(self):
            workers, servers = (len(list(here.glob(f"{{p}}.*"))) for p in ("Worker", "SparkSubmit"))
            state = {{"aliveworkers": workers, "coresused": servers * workers}}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(state).encode())

    HTTPServer(("127.0.0.1", after("--webui-port")), State).serve_forever()
elif part == "Worker":
    executor = subprocess.Popen(["sleep", "600"])
    register("Executor", executor.pid)
    if os.environ.get("FAKE_STUBBORN"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    executor.wait()
    time.sleep(600)
elif not os.environ.get("FAKE_SLOW"):
    ports = [word.split("=")[1] for word in words if ".port=" in word]
    listeners = [socket.create_server(("127.0.0.1", int(port))) for port in ports]
time.sleep(600)
"""

CLUSTER = [sys.executable, "-m", "trasos.engines.cluster"]


@pytest.fixture(autouse=True)
def fake_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(JAVA.format(python=sys.executable))
    java.chmod(0o755)
    monkeypatch.setenv("PATH", f"{java.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("JAVA_HOME", raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a shop"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def command_line(home: Path) -> Iterator[subprocess.Popen[str]]:
    """The cluster as people start it, ready."""
    # Tests that run under nohup, or in a background shell, would hand down that these are ignored.
    heard = {
        number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)
    }
    try:
        started = subprocess.Popen(
            [*CLUSTER, "--home", str(home)], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
    with started as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Logs are in"):
                break
        yield process
        process.kill()


def pids(home: Path) -> dict[int, str]:
    """Every process that the programs have noted, by its id."""
    found = {}
    for file in (home / "logs/spark").glob("*.pid"):
        part, pid, _ = file.name.split(".")
        found[int(pid)] = part
    return found


def living(home: Path) -> list[str]:
    """The parts whose processes run (one that only waits to be collected does not)."""
    found = []
    for pid, part in pids(home).items():
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True
        ).stdout.strip()
        if state and not state.startswith("Z"):
            found.append(part)
    return sorted(found)


def all_dead(home: Path, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while living(home) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not living(home)


WHOLE = ["Executor", "Executor", "Master", "SparkSubmit", "Worker", "Worker"]


@pytest.mark.slow
def test_everything_runs_within_the_block_and_nothing_after_it(home: Path, said: list[str]) -> None:
    with local_cluster(ClusterConfig(home), said.append) as cluster:
        assert living(home) == WHOLE
        assert list(cluster.processes.groups) == ["master", "worker 1", "worker 2", "server"]
        assert (home / "build/spark").is_dir()
        ports = (cluster.thrift_port, cluster.connect_port)
    assert living(home) == []
    assert not (home / "build/spark").exists()
    assert [line.split(":")[0] for line in said[::2]] == ["master", "workers", "server"]
    assert all("ready after" in line for line in said[1::2])
    for port in ports:
        with socket.socket() as caller:
            assert caller.connect_ex(("127.0.0.1", port)) != 0


def test_an_error_within_the_block_ends_it_too(home: Path, said: list[str]) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        local_cluster(ClusterConfig(home, workers=1), said.append),
    ):
        assert len(living(home)) == 4
        raise ZeroDivisionError
    assert living(home) == []


@pytest.mark.slow
def test_a_program_that_does_not_end_is_killed(
    home: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_STUBBORN", "1")
    with local_cluster(ClusterConfig(home, workers=1), said.append):
        assert len(living(home)) == 4
    assert living(home) == []
    assert "was killed" in (home / "logs/spark/worker1.log").read_text()


def test_without_java_it_says_what_to_install(
    home: Path, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with (
        pytest.raises(ConfigurationError, match="Java is missing"),
        local_cluster(ClusterConfig(home), said.append),
    ):
        pass
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "empty"))
    with (
        pytest.raises(
            ConfigurationError, match=r"JAVA_HOME names .*empty, which holds no bin/java"
        ),
        local_cluster(ClusterConfig(home), said.append),
    ):
        pass
    assert not home.exists()


def test_a_port_that_is_taken_is_named(home: Path, said: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with (
            pytest.raises(ConfigurationError, match=f"Port {port} of 127.0.0.1 cannot be had"),
            local_cluster(ClusterConfig(home, thrift_port=port), said.append),
        ):
            pass
    with (
        pytest.raises(ConfigurationError, match="Port 70000"),
        local_cluster(ClusterConfig(home, connect_port=70000), said.append),
    ):
        pass


@pytest.mark.parametrize(
    ("part", "name"), [("Master", "master"), ("Worker", "worker 1"), ("SparkSubmit", "server")]
)
def test_a_process_that_dies_shows_the_end_of_its_log_and_takes_the_others_with_it(
    home: Path, said: list[str], monkeypatch: pytest.MonkeyPatch, part: str, name: str
) -> None:
    monkeypatch.setenv("FAKE_DIES", part)
    with (
        pytest.raises(NotReadyError) as caught,
        local_cluster(ClusterConfig(home, workers=1), said.append),
    ):
        pass
    message = str(caught.value)
    assert f"The {name} has ended." in message
    assert f"no room left for {part}" in message
    assert "ended with exit code 3" in message
    assert living(home) == []


@pytest.mark.slow
def test_a_server_that_is_never_ready_is_not_waited_for_in_vain(
    home: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_SLOW", "1")
    with (
        pytest.raises(NotReadyError, match="server: not ready after"),
        local_cluster(ClusterConfig(home, workers=1, start_seconds=30), said.append),
    ):
        pass
    assert living(home) == []


@pytest.mark.slow
def test_the_time_to_live_ends_the_processes_even_while_nobody_looks(
    home: Path, said: list[str]
) -> None:
    with local_cluster(ClusterConfig(home, workers=1, minutes=0.75), said.append) as cluster:
        assert len(living(home)) == 4
        assert all_dead(home, seconds=60)
        # Over its time is no fault.
        stay(cluster)
        assert cluster.processes.seconds_left() == 0


def test_a_process_that_dies_later_is_noticed(home: Path, said: list[str]) -> None:
    with local_cluster(ClusterConfig(home), said.append) as cluster:
        (server,) = (pid for pid, part in pids(home).items() if part == "SparkSubmit")
        os.kill(server, signal.SIGKILL)
        with pytest.raises(NotReadyError, match=r"The server has ended\.[^$]*exit code -9"):
            stay(cluster)


def test_one_cluster_at_a_time_on_a_home(home: Path, said: list[str]) -> None:
    with (
        local_cluster(ClusterConfig(home, workers=1), said.append),
        pytest.raises(NotReadyError, match="running a Spark cluster on"),
        local_cluster(ClusterConfig(home, workers=1), said.append),
    ):
        pass


def test_no_workers_and_no_time_are_refused(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="a worker at least, not 0"):
        ClusterConfig(home, workers=0)
    with pytest.raises(ConfigurationError, match="-1 minutes are no time to live"):
        ClusterConfig(home, minutes=-1)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGKILL, -9), (signal.SIGHUP, -1)],
)
def test_however_the_command_line_ends_the_cluster_ends(
    command_line: subprocess.Popen[str], home: Path, number: int, code: int
) -> None:
    assert living(home) == WHOLE
    command_line.send_signal(number)
    assert command_line.wait(30) == code
    assert all_dead(home)


def test_sigterm_while_it_starts_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_SLOW", "1")
    with subprocess.Popen(
        [*CLUSTER, "--home", str(home)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("server: starting"):
                break
        process.terminate()
        assert process.wait(30) == 143
    assert all_dead(home)


def test_a_command_finds_the_cluster_and_gives_the_exit_code(home: Path) -> None:
    program = (
        "import os, socket, sys; e = os.environ;"
        "socket.create_connection((e['TRASOS_SPARK_HOST'], int(e['TRASOS_SPARK_THRIFT_PORT'])));"
        "host, port = e['TRASOS_SPARK_REMOTE'].removeprefix('sc://').split(':');"
        "socket.create_connection((host, int(port)));"
        "print(e['TRASOS_HOME']); sys.exit(7)"
    )
    done = subprocess.run(
        [*CLUSTER, "--home", str(home), "--workers", "1", "--", sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (7, str(home))
    assert living(home) == []


@pytest.mark.slow
def test_a_command_that_takes_too_long_is_ended_with_the_cluster(home: Path) -> None:
    done = subprocess.run(
        [
            *CLUSTER,
            "--home",
            str(home),
            "--workers",
            "1",
            "--minutes",
            "0.15",
            "--",
            "sleep",
            "599",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "The cluster's time was over before `sleep 599` had ended" in done.stderr
    assert "Traceback" not in done.stderr
    assert living(home) == []


def test_a_command_that_is_not_there_is_found_out_before_anything_starts(home: Path) -> None:
    done = subprocess.run(
        [*CLUSTER, "--home", str(home), "--", "no-such-command"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == "Error: There is no command no-such-command to run.\n"
    assert not home.exists()


def test_the_make_target_takes_the_ports_of_the_profile() -> None:
    make = shutil.which("make")
    assert make is not None
    told = subprocess.run(
        [make, "-n", "spark-cluster"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    (call,) = (line for line in told.splitlines() if "trasos.engines.cluster" in line)
    profile = (ROOT / "profiles.yml").read_text()
    words = call.split()
    thrift = words[words.index("--thrift-port") + 1]
    assert f"env_var('TRASOS_SPARK_THRIFT_PORT', '{thrift}')" in profile
    connect = words[words.index("--connect-port") + 1]
    assert f"env_var('TRASOS_SPARK_REMOTE', 'sc://127.0.0.1:{connect}')" in profile
