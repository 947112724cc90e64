"""Calls: SIP, transports, media control, legs."""
