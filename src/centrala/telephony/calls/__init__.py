"""Calls: legs that meet in rooms of the media engine, each side of them a SIP dialog of our own.

`machine`, `hearing` and `causes` decide without input or output; `service` does; `store` keeps what must outlive the
process. The theory of operation stands in docs/calls.md.
"""
