"""What an event costs: a machine of three states, driven from outside."""
