"""SIP as it was on the wire, for finding out why a call went wrong: kept for some days, with secrets masked."""
