"""Which bytes would Athena bill: from what a run read to DataScannedInBytes (facts/athena.md 0)."""
