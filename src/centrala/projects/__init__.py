"""Client companies, their projects and numbers, and the calendars that say when a project is open."""
