"""Telephones of employees: in the browser by their session, on the desk by a secret; and where each is registered."""
