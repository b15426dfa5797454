"""Values on their way: what is written before it is read, what runs at the same time, whether results are certain."""
