"""The programs of Spark that a cluster on this machine is made of, as pyspark brings them."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from trasos.engines.loopback import HOST
from trasos.errors import ConfigurationError


def find_spark() -> Path:
    """The folder of Spark.

    Raises:
        ConfigurationError: it is not installed.
    """
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        raise ConfigurationError("Spark is not installed. `make install-spark` does it.")
    return Path(found.origin).parent


def require_java() -> None:
    """Make sure that Spark's scripts will find Java.

    Raises:
        ConfigurationError: they will not.
    """
    java_home = os.environ.get("JAVA_HOME")
    if java_home and not (Path(java_home) / "bin" / "java").is_file():
        raise ConfigurationError(
            f"JAVA_HOME names {java_home}, which holds no bin/java. Set it to a Java 17 or newer, "
            "or unset it to take the one on the PATH."
        )
    if not java_home and shutil.which("java") is None:
        raise ConfigurationError(
            "Java is missing, and Spark runs on it: install a Java 17 or newer (Debian: "
            "`apt-get install openjdk-17-jre-headless`), or set JAVA_HOME to one."
        )


def environment(spark: Path, scratch: Path) -> dict[str, str]:
    """Ours, without what is meant for another Spark, and on loopback.

    Args:
        spark: folder of Spark.
        scratch: folder of what no one wants later.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SPARK_", "PYSPARK_", "HADOOP_", "HIVE_"))
    }
    return inherited | {
        "SPARK_HOME": str(spark),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_DIRS": str(scratch / "local"),
    }


def daemon_environment(spark: Path, scratch: Path) -> dict[str, str]:
    """That of the master and of workers; arguments as for ``environment``."""
    return environment(spark, scratch) | {
        # The server would take this for its own heap, and refuse to start.
        "SPARK_DAEMON_MEMORY": "256m",
        # Jobs come through the server alone.
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
    }


def master(spark: Path, port: int, status_port: int) -> list[str]:
    """The command of a master that answers at a port, and tells of its state at another."""
    return [
        *(str(spark / "bin" / "spark-class"), "org.apache.spark.deploy.master.Master"),
        *("--host", HOST, "--port", str(port), "--webui-port", str(status_port)),
    ]


def worker(spark: Path, master_port: int, memory_mb: int, folder: Path) -> list[str]:
    """The command of a worker with one core; its executors log into a folder."""
    return [
        *(str(spark / "bin" / "spark-class"), "org.apache.spark.deploy.worker.Worker"),
        *(f"spark://{HOST}:{master_port}", "--host", HOST, "--webui-port", "0"),
        *("--cores", "1", "--memory", f"{memory_mb}m", "--work-dir", str(folder)),
    ]


def server(
    spark: Path,
    master_port: int,
    *,
    thrift_port: int,
    connect_port: int,
    workers: int,
    driver_memory_mb: int,
    executor_memory_mb: int,
    warehouse: Path,
    scratch: Path,
) -> list[str]:
    """The command of a Spark application that serves the Thrift protocol and Spark Connect.

    Args:
        spark: folder of Spark.
        master_port: where the master answers.
        thrift_port: where to serve Thrift.
        connect_port: where to serve Spark Connect.
        workers: how many cores to take.
        driver_memory_mb: heap of the server.
        executor_memory_mb: heap of each executor.
        warehouse: folder of tables and of their catalog, as the target ``spark_local`` has them.
        scratch: folder of what no one wants later.
    """
    settings = {
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.driver.extraJavaOptions": (
            f'"-Dderby.system.home={warehouse}/metastore" "-Djava.io.tmpdir={scratch}"'
        ),
        "spark.sql.warehouse.dir": f"{warehouse}/spark",
        "spark.sql.shuffle.partitions": str(2 * workers),
        "spark.ui.enabled": "false",
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": HOST,
        "spark.connect.grpc.binding.port": str(connect_port),
    }
    hive = {
        "hive.server2.thrift.bind.host": HOST,
        "hive.server2.thrift.port": str(thrift_port),
        "hive.exec.scratchdir": f"{scratch}/hive",
        "hive.exec.local.scratchdir": f"{scratch}/hive_local",
        "hive.server2.logging.operation.log.location": f"{scratch}/hive_logs",
    }
    return [
        *(str(spark / "bin" / "spark-submit"), "--name", "trasos"),
        *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
        *("--master", f"spark://{HOST}:{master_port}", "--total-executor-cores", str(workers)),
        *("--driver-memory", f"{driver_memory_mb}m"),
        *("--executor-memory", f"{executor_memory_mb}m"),
        *(word for name, value in settings.items() for word in ("--conf", f"{name}={value}")),
        "spark-internal",
        *(word for name, value in hive.items() for word in ("--hiveconf", f"{name}={value}")),
    ]
