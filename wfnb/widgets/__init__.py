"""What you see: the canvas in a cell and what is computed around it."""
