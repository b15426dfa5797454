"""A machine in the words of the theory: its 7-tuple, matrix, invariants and state machine, and the ways through it."""
