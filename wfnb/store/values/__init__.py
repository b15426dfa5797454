"""Values that are not JSON, as bytes: by content hash, each with a codec that gives exactly the value back.

Nothing is ever pickled: reading a history runs no code that it brings.
"""
