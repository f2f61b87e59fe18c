"""Erasure: a person is taken out of all that Trasos keeps, stays out, and a search proves it."""

from trasos.erasure.forgetting import forget, preview, verify
from trasos.erasure.report import ErasureReport

__all__ = ["ErasureReport", "forget", "preview", "verify"]
