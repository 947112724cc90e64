"""Session descriptions (RFC 8866): the text, its media attributes, and offer/answer over them."""
