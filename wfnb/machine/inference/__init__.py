"""Types through every expression of a workflow: what it gives, and whether it goes where it is wanted."""
