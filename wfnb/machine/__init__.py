"""What a workflow compiles to, how that moves, and what is wrong with it."""
