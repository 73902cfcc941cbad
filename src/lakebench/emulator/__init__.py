"""The emulator wing: answers the AWS wire. Drawn in docs/architecture.md."""
