from centrala.kit.errors import InvalidField


def too_many_intervals(limit: int) -> InvalidField:
    return InvalidField(
        "interval", "too_many_intervals", f"Choose longer intervals or a shorter period: {limit} at most.", limit=limit
    )


def empty_period() -> InvalidField:
    return InvalidField("until", "empty_period", "The period must end after it begins.")
