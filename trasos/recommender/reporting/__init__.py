"""What is kept for people to read: the report of an evaluation, and the card of a model."""
