"""What a workflow, its events and its state are: plain data, no behaviour that touches the world."""
