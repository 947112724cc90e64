"""Client companies, their projects, numbers and calendars: the wall between tenants."""
