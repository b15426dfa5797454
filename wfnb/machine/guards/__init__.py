"""Which guards of a choice or an inclusive fork hold together, which value none of them takes, which one fails."""
