"""Trasos: from a shop's raw clicks to recommendations, and to the numbers that prove they pay."""
