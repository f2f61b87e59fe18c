"""The models: popularity, chance, co-visitation, ALS, a graph filter, and their blend."""
