"""What the recommender's slots find, beside figures that others published."""
