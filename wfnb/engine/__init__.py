"""How workflows run: the shell around the machine."""
