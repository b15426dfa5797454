"""Where activities run that do not run on the loop: threads, and processes of their own."""
