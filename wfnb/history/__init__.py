"""What happened: runs as tables, charts and replays."""
