"""The wall between client companies, as the migrations build it: row-level security by policy."""


def wall(table: str, *, sees: str, writes: str | None = None) -> list[str]:
    """The statements that put a table behind the wall.

    `sees` and `writes` are SQL conditions over a row: which rows a transaction finds, and which of them it may make,
    change and delete; without `writes`, all that it sees. Names come from migrations, never from a request.
    """
    both = f"({sees}) AND ({writes})" if writes else sees
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY wall_select ON {table} FOR SELECT USING ({sees})",
        f"CREATE POLICY wall_insert ON {table} FOR INSERT WITH CHECK ({writes or sees})",
        f"CREATE POLICY wall_update ON {table} FOR UPDATE USING ({both}) WITH CHECK ({writes or sees})",
        f"CREATE POLICY wall_delete ON {table} FOR DELETE USING ({both})",
    ]
