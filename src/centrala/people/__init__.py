"""Employees: teams, superiors and deputies, skills with levels, languages."""
