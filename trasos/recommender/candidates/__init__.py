"""Candidates: what might be shown to a person, from several sources, each with rank and score."""
