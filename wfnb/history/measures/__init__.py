"""The numbers behind charts: small tables that the database counts, however long the history is."""
