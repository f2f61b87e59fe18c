"""Dagster: the same graph as dbt's, with landing before it and publishing after it."""
