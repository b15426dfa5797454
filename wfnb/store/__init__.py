"""Where events live: append-only streams, one a run."""
