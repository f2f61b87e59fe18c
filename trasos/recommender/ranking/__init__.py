"""Ranking: candidates in the order that outcomes of earlier weeks teach."""
