"""`python -m wfnb.cli`."""

import sys

from wfnb.cli import main

if __name__ == "__main__":
    sys.exit(main())
