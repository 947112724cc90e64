"""The operator's desk: the document of their work, and what they can do with their contacts."""
