"""Helpers without Dagster assets in them, so that they can be tested alone."""
