"""Runs a flow: pure. A version and events in, commands out; see docs/flows.md."""
