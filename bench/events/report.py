from __future__ import annotations
import json
from typing import Any
from bench.events.homes import ROOT
RESULTS = ROOT / "bench/results/events.jsonl"
def key_of(record): 
    names=("experiment","events","history_days","selection","memory_limit")
    return tuple(record.get(n) for n in names)
def read_results():
    return [json.loads(l) for l in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
def render(): pass
