"""Value: what customers are worth, what they will be, and who resembles whom."""
