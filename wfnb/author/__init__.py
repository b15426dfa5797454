"""How a workflow is written: activities, the builder, and edits as data."""
