"""What wfnb costs, each figure beside its floor, measured in one run: `python -m tests.bench [NAME]... [--json]`."""
