"""Customers: the people who call a project, with their numbers, as far as an operator needs them."""
