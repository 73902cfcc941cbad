"""The operations of the Athena API, by what they are about; each takes validated parameters."""
