"""What Trasos costs, and what it finds beside published figures."""
