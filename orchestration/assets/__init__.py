"""The assets: landing, what dbt builds, publication, pictures."""
