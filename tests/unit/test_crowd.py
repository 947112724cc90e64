"""The crowd of the sample centre: its codec, its keys, its mix."""

import random
from pathlib import Path

import pytest

from centrala.ivr.sound import _a_law
from centrala.node.crowd.clips import to_a_law
from centrala.node.crowd.customers import talk_time
from centrala.node.crowd.lines import Line
from centrala.web.demo_mix import DEFAULT, Board, Mix, Stream


@pytest.mark.parametrize("sample", [-32_768, -20_000, -1_000, -9, 0, 9, 700, 5_000, 32_767])
def test_what_is_coded_is_heard_as_it_was(sample: int) -> None:
    (code,) = to_a_law(iter([sample]))
    assert _a_law(code) == pytest.approx(sample, abs=max(16, abs(sample) / 16))


def test_a_key_is_five_packets_and_three_ends_of_one_event() -> None:
    line = Line()
    line.press("5")
    packets = [packet for packet in line._keys if packet]
    assert {packet[0] for packet in packets} == {5}
    assert [bool(packet[1] & 0x80) for packet in packets] == [False] * 5 + [True] * 3


def test_what_the_page_sets_is_what_the_crowd_reads(tmp_path: Path) -> None:
    board = Board(tmp_path)
    assert board.mix() == DEFAULT
    board.set_mix(Mix(on=False, streams={"ORB": Stream(calls_per_hour=7)}))
    assert (board.mix().on, board.mix().streams["ORB"].calls_per_hour) == (False, 7)
    (tmp_path / "demo-mix.json").write_text("torn")
    assert board.mix() == DEFAULT


def test_conversations_last_as_long_as_was_set_on_the_average() -> None:
    chance = random.Random(1)
    mix = Mix(streams={"ORB": Stream(talk_seconds=60)})
    times = [talk_time(mix, "ORB", chance) for _ in range(4_000)]
    assert sum(times) / len(times) == pytest.approx(60, rel=0.05)
