"""The second engine, Apache Spark: a cluster to try, and the comparison with DuckDB."""
