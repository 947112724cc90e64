"""Contacts with customers, one row each whatever the channel: timeline, note, disposition, recordings, promises."""
