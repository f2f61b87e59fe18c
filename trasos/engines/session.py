"""A session of Spark for Python: on the cluster that is named, else in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trasos.engines.programs import require_java
from trasos.errors import ConfigurationError

#: Address of a cluster's Spark Connect, as ``sc://host:15002``; ``profiles.yml`` reads it too.
REMOTE = "TRASOS_SPARK_REMOTE"


@contextmanager
def spark_session() -> Iterator[Any]:
    """Open a session of Spark, and close it at the end.

    Yields:
        A ``SparkSession``: through Spark Connect where ``TRASOS_SPARK_REMOTE`` is set, else one
        with a JVM of its own on this machine (``TRASOS_SPARK_MASTER``, ``TRASOS_SPARK_MEMORY``),
        without a catalog of tables. A session that is there already is taken, and stays.

    Raises:
        ConfigurationError: Spark is not installed, or Java is not where it is wanted.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigurationError(
            "Spark is not installed: `make install-spark` does it, and Java 17 comes from the "
            "system. Without Spark, set the vars als_solver to implicit and sql_engine to duckdb."
        ) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    remote = os.environ.get(REMOTE)
    if remote:
        builder = SparkSession.builder.remote(remote)
    else:
        require_java()
        # Spark would bind to the address of the network.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = (
            SparkSession.builder.master(os.environ.get("TRASOS_SPARK_MASTER", "local[*]"))
            .config("spark.driver.memory", os.environ.get("TRASOS_SPARK_MEMORY", "2g"))
            .config(
                "spark.driver.extraJavaOptions", os.environ.get("TRASOS_SPARK_JAVA_OPTIONS", "")
            )
            .config("spark.sql.catalogImplementation", "in-memory")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
        )
    session = builder.getOrCreate()
    if not remote:
        session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()
