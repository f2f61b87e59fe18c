"""How near attribution comes to what the simulator knows."""
