"""Process mining: what the cases of a log have in common, as graphs, workflows and deviations."""
