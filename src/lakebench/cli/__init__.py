"""The ``lakebench`` command: one file a verb."""
