"""Random calls with random ends leave nothing behind; `bench/calls/soak.py` does the same by the thousand."""

from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from centrala.telephony.calls.events import CallEnded, LegEnded
from centrala.telephony.calls.service import CallSettings
from centrala.telephony.sip.netem import Weather
from telephony.calls.soak import Soak
from telephony.calls.stage import Stage


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_is_left_of_calls_with_random_ends(seed: int, tmp_path: Path) -> None:
    weather = Weather(jitter=0.03, loss=5, duplicate=5) if seed % 2 else None
    settings = CallSettings(music="/music.wav", recordings=tmp_path)
    stage = Stage(weather=weather, seed=bytes([seed]), settings=settings)
    stage.project = uuid4() if seed % 3 else None
    soak = Soak(stage, seed)
    await soak.run(25)
    assert stage.calls.counters.get("step_faults", 0) == 0
    assert stage.calls.counters.get("listener_faults", 0) == 0
    assert stage.leftovers == {}
    assert set(Counter(event.call_id for event in stage.all(CallEnded)).values()) == {1}
    assert set(Counter(event.leg_id for event in stage.all(LegEnded)).values()) == {1}
    assert all(row["cause"] for row in [*stage.rows.calls, *stage.rows.legs])
