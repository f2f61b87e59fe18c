"""The few errors that Trasos raises by itself.

Each message says what was wrong, where, and what to do about it; the command line prints the
message alone, without a stack trace.
"""


class TrasosError(Exception):
    """Base of every error that a user of Trasos can do something about."""


class ConfigurationError(TrasosError):
    """A setting, a variable or a path does not fit."""


class InputError(TrasosError):
    """A file or a table from outside is not what it should be."""


class NotReadyError(TrasosError):
    """A step was called before the one that it builds upon."""
