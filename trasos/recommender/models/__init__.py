"""The models: popularity, chance, co-visitation, ALS, and their blend."""
