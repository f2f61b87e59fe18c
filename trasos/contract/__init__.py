"""The data contract from the producers' side: a schema, and a check of a file before it ships."""

from trasos.contract.check import check
from trasos.contract.report import CheckReport

__all__ = ["CheckReport", "check"]
