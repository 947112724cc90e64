"""`centrala simulate`: scenarios in, measures out."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from centrala.cli import main
from centrala.routing.measures import Limits, Measures, Tally, measures
from centrala.routing.simulate.engine import Engine, Outcome
from centrala.routing.simulate.roster import Step, planned
from centrala.routing.simulate.scenario import Scenario, ScenarioWrong, read

SCENARIOS = Path(__file__).parents[3] / "docs" / "scenarios"
ALWAYS = [{"from": "00:00", "to": "00:00"}]
TALK = {"kind": "constant", "value": 60}


def scenario(**changed: Any) -> dict[str, Any]:
    return {
        "name": "test",
        "queue": [{"name": "q", "wrap_up_limit": 0}],
        "operators": [{"name": "a", "queues": {"q": 0}, "shifts": ALWAYS}],
        "stream": [{"queue": "q", "per_day": 1000, "talk": TALK}],
        **changed,
    }


def recorded(folder: Path, rows: str, **changed: Any) -> dict[str, Any]:
    """A scenario whose customers stand in a file: `rows` of time, talk and patience."""
    (folder / "day.csv").write_text("time,talk,patience\n" + rows)
    return scenario(stream=[{"queue": "q", "file": "day.csv", "talk": TALK}], **changed)


def ran(plain: dict[str, Any], folder: Path = Path(), seed: int = 1) -> Outcome:
    return Engine(Scenario.model_validate(plain), seed, folder).run()


def whole(outcome: Outcome) -> Measures:
    sums = Tally(Limits(short=5))
    for tally in outcome.tallies.values():
        sums.merge(tally)
    return measures(sums)


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.toml")))
def test_the_sample_scenarios_run_and_lose_nobody(name: str) -> None:
    checked = read(SCENARIOS / f"{name}.toml").model_copy(update={"days": 1})
    outcome = Engine(checked, 1, SCENARIOS).run()
    assert whole(outcome).offered == outcome.contacts  # none of the samples overflows from queue to queue
    assert whole(outcome).answered > 100
    assert outcome.unfinished == 0


def test_the_same_seed_gives_the_same_day_and_another_does_not() -> None:
    plain = scenario(stream=[{"queue": "q", "per_day": 300, "talk": {"kind": "exponential", "mean": 60}}])
    assert whole(ran(plain)) == whole(ran(plain))
    assert whole(ran(plain)) != whole(ran(plain, seed=2))


def test_routing_does_not_change_who_comes() -> None:
    stream = {"queue": "q", "per_day": 500, "profile": [1] * 20 + [0] * 4, "talk": {"kind": "exponential", "mean": 100}}
    few, many = scenario(stream=[stream]), scenario(stream=[stream])
    many["operators"][0] |= {"count": 9}
    assert whole(ran(few)).talk == pytest.approx(whole(ran(many)).talk)
    assert (whole(ran(few)).asa or 0) > (whole(ran(many)).asa or 0)


def test_a_recorded_day_is_served_in_order(tmp_path: Path) -> None:
    found = whole(ran(recorded(tmp_path, "08:00,100,\n08:00:10,50,\n08:00:20,10,15\n08:00:30,10,\n"), tmp_path))
    # The third leaves after 15 s; the second waits 90 s, the fourth until 08:02:30.
    assert (found.answered, found.abandoned) == (3, 1)
    assert found.asa == pytest.approx((0 + 90 + 120) / 3)
    assert found.longest_wait == pytest.approx(120)


def test_a_customer_who_gives_up_calls_again(tmp_path: Path) -> None:
    plain = recorded(tmp_path, "08:00,600,\n08:01,10,30\n")
    plain["stream"][0]["redial"] = {"share": 1, "after": {"kind": "constant", "value": 3600}}
    outcome = ran(plain, tmp_path)
    assert outcome.redials == 1
    assert (whole(outcome).answered, whole(outcome).abandoned) == (2, 1)


def test_occupancy_is_time_in_hand_by_time_there(tmp_path: Path) -> None:
    shift = [{"from": "08:00", "to": "09:00", "breaks": [{"at": "08:30", "minutes": 10}]}]
    plain = recorded(
        tmp_path,
        "08:10,600,\n08:28,300,\n",
        operators=[{"name": "a", "queues": {"q": 0}, "shifts": shift}],
    )
    worker = ran(plain, tmp_path).workers["a"]
    assert worker.busy == 900
    assert worker.available == 3600 - 7 * 60  # the break began 3 minutes late, when the second call was over


def test_who_talks_past_the_end_of_the_shift_is_counted_until_the_end(tmp_path: Path) -> None:
    plain = recorded(
        tmp_path,
        "08:59,300,\n",
        operators=[{"name": "a", "queues": {"q": 0}, "shifts": [{"from": "08:00", "to": "09:00"}]}],
    )
    worker = ran(plain, tmp_path).workers["a"]
    assert (worker.available, worker.busy) == (3600 + 240, 300)


def test_a_missed_offer_goes_to_the_next_and_its_operator_comes_back(tmp_path: Path) -> None:
    group = {"queues": {"q": 0}, "shifts": ALWAYS, "back_after": 100}
    operators = [{"name": "a", "missed": 1, **group}, {"name": "b", **group}]
    outcome = ran(recorded(tmp_path, "08:00,10,\n08:05,10,\n", operators=operators), tmp_path)
    assert outcome.missed == 2
    assert whole(outcome).asa == 20.0


def test_wrap_up_is_cut_at_the_limit(tmp_path: Path) -> None:
    plain = recorded(tmp_path, "08:00,60,\n08:01,60,\n", queue=[{"name": "q", "wrap_up_limit": 30}])
    plain["stream"][0]["wrap_up"] = {"kind": "constant", "value": 500}
    found = whole(ran(plain, tmp_path))
    assert found.wrap_up == 30
    assert found.asa == (0 + 30) / 2


def test_a_callback_keeps_the_place_and_is_counted_apart(tmp_path: Path) -> None:
    plain = recorded(
        tmp_path, "08:00,600,\n08:01,60,400\n", queue=[{"name": "q", "wrap_up_limit": 0, "callback_after": 60}]
    )
    plain["stream"][0]["takes_callback"] = 1
    found = whole(ran(plain, tmp_path))
    assert (found.answered, found.called_back, found.abandoned) == (2, 1, 0)


def test_shifts_over_midnight_and_staggered_breaks_are_laid_out() -> None:
    group = {
        "name": "n",
        "count": 2,
        "queues": {"q": 0},
        "shifts": [
            {
                "from": "22:00",
                "to": "06:00",
                "days": ["sun", "mon"],
                "breaks": [{"at": "01:00", "minutes": 20, "stagger": 20}],
            }
        ],
    }
    steps = planned(Scenario.model_validate(scenario(operators=[group])))
    hours = [(step.at / 3600, step.step, step.name) for step in steps if step.name == "n 2"]
    assert [(at, step) for at, step, _ in hours] == [
        (0.0, Step.SIGN_IN),
        (pytest.approx(1 + 1 / 3), Step.BREAK),
        (pytest.approx(1 + 2 / 3), Step.BACK),
        (6.0, Step.SIGN_OUT),
        (22.0, Step.SIGN_IN),
        (pytest.approx(25 + 1 / 3), Step.BREAK),
        (pytest.approx(25 + 2 / 3), Step.BACK),
        (30.0, Step.SIGN_OUT),
    ]


def test_arrivals_follow_the_profile_and_the_weekday() -> None:
    profile = [0] * 12 + [1] * 6 + [3] * 6
    stream = {"queue": "q", "per_day": 8000, "profile": profile, "weekdays": {"tue": 0.5}, "talk": TALK}
    plain = scenario(stream=[stream], days=2, queue=[{"name": "q", "wrap_up_limit": 0, "max_length": 0}])
    by_half_hour = {number: measures(tally).offered for (_, number), tally in ran(plain).tallies.items()}
    monday = [by_half_hour.get(number, 0) for number in range(48)]
    assert sum(monday[:24]) == 0
    assert sum(monday[24:36]) == pytest.approx(2000, rel=0.08)
    assert sum(monday[36:]) == pytest.approx(6000, rel=0.05)
    assert sum(by_half_hour.values()) - sum(monday) == pytest.approx(4000, rel=0.05)


WRONG: list[tuple[str, list[str]]] = [
    ("target = 0", ["queue[1].target", "greater than 0"]),
    ("colour = 1", ["queue[1].colour", "there is no such key here", "strategy, target, ring"]),
    ('strategy = "fair"', ["queue[1].strategy", "'longest_idle', 'best_fit' or 'fewest_contacts'", "'fair'"]),
    ("steps = [{ after = 5, levels = 2 }]", ["queue[1].steps[1].levels", "after, levels_down"]),
    ("overflow = [{ to = { kind = 'queue', value = 'x' }, after = 5 }]", ["names the queue 'x'", "known are q"]),
    ("overflow = [{ to = { kind = 'hang_up' } }]", ["queue[1].overflow[1]", "one of the two"]),
    ("[[stream]]\nqueue = 'p'\nper_day = 5\ntalk = { kind = 'constant', value = 1 }", ["no queue 'p'", "known are q"]),
    ("[[stream]]\nqueue = 'q'\nper_day = 5", ["stream[2].talk: is missing"]),
    (
        "[[stream]]\nqueue = 'q'\nper_day = 5\ntalk = { kind = 'normal' }",
        ["stream[2].talk", "'constant', 'uniform', 'exponential'"],
    ),
    ("[[operators]]\nname = 'o'\nqueues = { r = 0 }\nshifts = [{ from = '08:00', to = '09:00' }]", ["queues.r"]),
    ("target = ", ["this is not TOML", "line"]),
]


@pytest.mark.parametrize(("line", "said"), WRONG)
def test_a_mistake_is_named_with_file_key_and_what_is_allowed(tmp_path: Path, line: str, said: list[str]) -> None:
    file = tmp_path / "wrong.toml"
    stream = "[[stream]]\nqueue = 'q'\nper_day = 1\ntalk = { kind = 'constant', value = 1 }\n"
    file.write_text(f"name = 'x'\n{stream}[[queue]]\nname = 'q'\n{line}\n")
    with pytest.raises(ScenarioWrong) as caught:
        read(file)
    for part in [str(file), *said]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("25:00,1,\n", "day.csv:2: time: '25:00'"),
        ("08:00,1,\n08:00,-1,\n", "day.csv:3: talk: '-1'"),
    ],
)
def test_a_wrong_line_of_a_recorded_day_is_named(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(ScenarioWrong) as caught:
        ran(recorded(tmp_path, rows), tmp_path)
    assert said in str(caught.value)


def test_a_heading_that_is_not_known_is_named(tmp_path: Path) -> None:
    plain = recorded(tmp_path, "")
    (tmp_path / "day.csv").write_text("when,talk\n")
    with pytest.raises(ScenarioWrong, match=r"day\.csv:1: the heading names `time`"):
        ran(plain, tmp_path)


def test_the_command_prints_a_table_csv_and_json_of_the_same_numbers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = str(tmp_path / "one day.toml")
    Path(file).write_text((SCENARIOS / "card.toml").read_text().replace("days = 7", "days = 1"))
    assert main(["simulate", file, "--seed", "3"]) == 0
    table = capsys.readouterr().out
    assert main(["simulate", file, "--seed", "3", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert main(["simulate", file, "--seed", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    total = found["rows"][0]["measures"]["offered"]
    assert next(row for row in rows if row["interval"] == row["queue"] == "total")["offered"] == str(total)
    assert sum(int(row["offered"]) for row in rows if row["interval"] != "total") == total
    assert f"total     {total:7}" in table


def test_the_command_says_what_is_wrong_and_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("name = 1\n")
    assert main(["simulate", str(file)]) == 2
    assert f"{file}: queue: is missing" in capsys.readouterr().err
