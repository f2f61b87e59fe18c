"""The event layers at 1, 10 and 100 million events, beside floors and rivals."""
