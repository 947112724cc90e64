"""Times drawn from distributions. Each stream has sources of chance of its own: a change of one leaves the others."""

import math
from collections.abc import Callable
from random import Random

from centrala.routing.simulate.scenario import Constant, Distribution, Exponential, Gamma, Lognormal, Uniform

Draw = Callable[[], float]


def drawer(law: Distribution, chance: Random) -> Draw:
    """A function that draws seconds."""
    if isinstance(law, Constant):
        value = float(law.value)
        return lambda: value
    if isinstance(law, Uniform):
        least, width = law.least, law.most - law.least
        return lambda: least + width * chance.random()
    if isinstance(law, Exponential):
        mean = law.mean
        return lambda: -mean * math.log(1.0 - chance.random())
    if isinstance(law, Lognormal):
        return _lognormal(law, chance)
    return _gamma(law, chance)


def _lognormal(law: Lognormal, chance: Random) -> Draw:
    spread = math.log1p((law.deviation / law.mean) ** 2)
    middle = math.log(law.mean) - spread / 2
    sigma = math.sqrt(spread)
    gauss, exp = chance.gauss, math.exp
    return lambda: exp(middle + sigma * gauss(0.0, 1.0))


def _gamma(law: Gamma, chance: Random) -> Draw:
    shape = (law.mean / law.deviation) ** 2
    scale = law.mean / shape
    return lambda: chance.gammavariate(shape, scale)


def chance_of(seed: int, *names: str) -> Random:
    """A source of chance of its own for each name; the same on every machine."""
    return Random("/".join((str(seed), *names)))  # noqa: S311 - a simulation wants the same numbers again, not secrets
