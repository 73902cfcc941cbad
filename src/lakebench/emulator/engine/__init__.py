"""The engine: worker processes that run resolved queries and log what they read."""
