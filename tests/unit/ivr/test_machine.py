"""A flow does what its drawing says."""

import json
from uuid import UUID

import pytest

from centrala.ivr.machine import commands as c
from centrala.ivr.machine import events as e
from centrala.ivr.machine.mechanics import MAX_IDLE_STEPS
from support.drawn import CALENDAR, QUEUE, Caller, drawn, words

MENU = {
    "id": "menu",
    "kind": "menu",
    "prompt": words("one or two"),
    "choices": [{"key": "1", "label": "Billing"}, {"key": "2", "label": "Faults"}],
    "attempts": 2,
}
BYE = {"id": "bye", "kind": "hangup"}
TO_QUEUE = {"id": "queue", "kind": "queue", "queue_id": str(QUEUE)}


# Answering


def test_the_call_is_answered_by_the_first_thing_that_needs_it() -> None:
    caller = Caller(
        drawn({"id": "hello", "kind": "say", "prompt": words("hello")}, BYE, edges="hello next > bye"), answered=False
    )
    assert caller.kinds == ["answer"]
    assert caller.answer(e.StartedEvent)[0].kind == "play"


def test_a_flow_that_hangs_up_first_never_answers() -> None:
    caller = Caller(drawn({"id": "bye", "kind": "hangup", "cause": "busy"}))
    assert caller.last(c.HangUpCommand).cause == "busy"
    assert not caller.run.state.answered


def test_a_call_that_cannot_be_answered_ends() -> None:
    caller = Caller(drawn({"id": "hello", "kind": "say", "prompt": words("hello")}), answered=False)
    assert caller.answer(e.FailedEvent)[0].kind == "hang_up"
    assert caller.run.ended == "failed"


# Menus


def test_a_key_takes_its_exit_and_stands_in_the_timeline() -> None:
    caller = Caller(drawn(MENU, TO_QUEUE, BYE, edges="menu key:2 > queue, menu key:1 > bye"))
    noted, queue = caller.press("2")
    assert isinstance(noted, c.NotedCommand)
    assert (noted.what, noted.details["key"], noted.details["label"]) == ("menu", "2", "Faults")
    assert isinstance(queue, c.QueueCommand)
    assert queue.queue_id == QUEUE


def test_silence_and_wrong_keys_are_told_apart_and_counted_together() -> None:
    caller = Caller(
        drawn(MENU, BYE, {"id": "other", "kind": "hangup"}, edges="menu no_input > bye, menu wrong > other")
    )
    caller.say_nothing()
    assert caller.said() == ["[press_again]", "one or two ro"]
    caller.press("9")
    assert caller.run.state.node == "other"


def test_a_menus_own_words_for_silence_are_said_instead_of_the_systems() -> None:
    caller = Caller(drawn({**MENU, "no_input_prompt": words("please")}, BYE))
    caller.say_nothing()
    assert caller.said() == ["please ro", "one or two ro"]


def test_an_exit_that_nobody_drew_ends_the_call_with_a_goodbye() -> None:
    caller = Caller(drawn({**MENU, "attempts": 1}))
    caller.say_nothing()
    assert caller.said() == ["[goodbye]"]
    caller.answer(e.PlayedEvent)
    assert caller.run.ended == "nowhere"


def test_a_language_is_asked_for_in_all_that_are_offered_and_spoken_from_then_on() -> None:
    language = {
        "id": "language",
        "kind": "language",
        "prompt": words("press"),
        "choices": [{"key": "1", "language": "ro"}, {"key": "2", "language": "ru"}],
    }
    caller = Caller(drawn(language, MENU, edges="language next > menu"))
    assert caller.said() == ["press ro", "press ru"]
    caller.press("2")
    assert caller.said() == ["one or two ru"]
    assert caller.run.shown["language"] == "ru"


def test_who_chooses_no_language_hears_the_projects_first() -> None:
    language = {
        "id": "l",
        "kind": "language",
        "prompt": words("press"),
        "choices": [{"key": "2", "language": "ru"}],
        "attempts": 1,
    }
    caller = Caller(drawn(language, MENU, edges="l next > menu"))
    caller.say_nothing()
    assert caller.said() == ["one or two ro"]


# Digits


def collect(**more: object) -> dict[str, object]:
    return {
        "id": "ask",
        "kind": "collect",
        "prompt": words("number"),
        "variable": "card",
        "least": 4,
        "most": 4,
        **more,
    }


def test_digits_go_into_their_variable() -> None:
    caller = Caller(drawn(collect(), BYE, edges="ask next > bye"))
    caller.press("4095")
    assert caller.run.shown["card"] == "4095"
    assert caller.run.ended == "flow"


@pytest.mark.parametrize("digits", ["12", "40959"[:3]])
def test_too_few_digits_are_asked_for_again(digits: str) -> None:
    caller = Caller(drawn(collect(), BYE, edges="ask next > bye"))
    caller.press(digits)
    assert caller.said() == ["[wrong_digits]", "number ro"]


def test_digits_read_back_count_only_when_confirmed() -> None:
    caller = Caller(drawn(collect(read_back=True), BYE, edges="ask next > bye"))
    caller.press("4095")
    assert caller.said() == ["[read_back]", "[confirm]"]
    caller.press("2")
    assert caller.said() == ["number ro"]
    caller.press("4096")
    caller.press("1")
    assert caller.run.shown["card"] == "4096"


def test_secret_digits_are_shown_nowhere() -> None:
    caller = Caller(drawn(collect(secret=True, read_back=True), BYE, edges="ask next > bye"))
    caller.press("4095")
    heard = caller.press("1")
    assert "4095" not in json.dumps([command.model_dump(mode="json") for command in heard])
    assert "4095" not in json.dumps(caller.run.shown)
    assert caller.run.state.variables["card"] == "4095"


@pytest.mark.parametrize(("node", "fresh"), [({}, False), ({"interruptible": False}, True), ({"secret": True}, True)])
def test_keys_typed_ahead_answer_what_is_neither_secret_nor_has_to_be_heard(
    node: dict[str, bool], *, fresh: bool
) -> None:
    caller = Caller(drawn(collect(**node), BYE, edges="ask next > bye"))
    assert caller.last(c.CollectCommand).fresh is fresh


def test_keys_typed_ahead_neither_answer_a_second_try_nor_confirm() -> None:
    caller = Caller(drawn(collect(read_back=True), BYE, edges="ask next > bye"))
    caller.press("40")
    assert caller.last(c.CollectCommand).fresh
    caller.press("4095")
    assert caller.last(c.CollectCommand).fresh


def test_a_telephone_number_is_in_no_timeline() -> None:
    ask = collect(least=5, most=15, check={"kind": "phone", "country": "MD"})
    caller = Caller(drawn(ask, BYE, edges="ask next > bye"))
    caller.press("069123456")
    assert caller.run.state.variables["card"] == "+37369123456"
    assert "69123456" not in caller.last(c.NotedCommand).model_dump_json()


# Hours, variables, others


@pytest.mark.parametrize(("state", "node"), [("open", "menu"), ("closed", "bye"), ("holiday", "bye")])
def test_hours_lead_by_what_the_calendar_says_and_a_holiday_is_closed(state: str, node: str) -> None:
    hours = {"id": "hours", "kind": "hours", "calendar_id": str(CALENDAR)}
    caller = Caller(drawn(hours, MENU, BYE, edges="hours open > menu, hours closed > bye"))
    assert caller.last(c.HoursCommand).calendar_id == CALENDAR
    caller.answer(e.HoursAreEvent, state=state)
    assert caller.run.state.node == node


def test_a_calendar_that_cannot_be_read_turns_nobody_away() -> None:
    hours = {"id": "hours", "kind": "hours", "calendar_id": str(CALENDAR)}
    caller = Caller(drawn(hours, MENU, BYE, edges="hours open > menu, hours closed > bye"))
    caller.answer(e.FailedEvent)
    assert caller.run.state.node == "menu"


def test_variables_are_set_added_to_cleared_and_tested() -> None:
    put = {
        "id": "put",
        "kind": "set",
        "assignments": [
            {"variable": "tries", "how": "add", "value": 1},
            {"variable": "tries", "how": "add", "value": 1},
            {"variable": "greeting", "value": "Hi {caller}"},
            {"variable": "gone", "value": "x"},
            {"variable": "gone", "how": "clear"},
        ],
    }
    two = {
        "id": "two",
        "conditions": [{"variable": "tries", "compare": "at_least", "compare_as": "number", "value": 2}],
    }
    caller = Caller(
        drawn(
            put,
            {"id": "test", "kind": "test", "cases": [two]},
            BYE,
            MENU,
            edges="put next > test, test case:two > menu, test else > bye",
        ),
        {"caller": "+37369123456"},
    )
    assert caller.run.state.node == "menu"
    assert caller.run.shown["greeting"] == "Hi +37369123456"
    assert caller.run.shown["gone"] is None


def test_a_customer_who_is_found_is_known_to_the_flow_and_their_name_to_nobody_else() -> None:
    lookup = {"id": "look", "kind": "lookup"}
    hello = {"id": "hello", "kind": "say", "prompt": [{"kind": "text", "text": {"ro": "Bună, {customer_name}"}}]}
    caller = Caller(
        drawn(lookup, hello, BYE, edges="look found > hello, look not_found > bye"), {"caller": "+37369123456"}
    )
    caller.answer(e.FoundEvent, customer_id="c1", name="Ana")
    caller.answer(e.StartedEvent)
    assert caller.said() == ["Bună, Ana"]
    assert "Ana" not in json.dumps(caller.run.shown)


def test_nobody_is_looked_up_without_a_number() -> None:
    caller = Caller(drawn({"id": "look", "kind": "lookup"}, BYE, edges="look not_found > bye"))
    assert caller.run.ended == "flow"


def test_a_server_is_asked_with_values_that_cannot_change_the_question() -> None:
    http = {
        "id": "http",
        "kind": "http",
        "method": "POST",
        "url": "https://crm.example/orders/{order}?by={caller}",
        "headers": [{"name": "X-Order", "value": "{order}"}],
        "body": '{"order": "{order}"}',
        "results": [{"path": "orders.0.state", "variable": "state"}],
    }
    caller = Caller(drawn(http, BYE, edges="http next > bye"), {"order": 'a/../b?x=1"\r\nEvil: 1', "caller": "+373"})
    command = caller.last(c.HttpCommand)
    assert command.url == "https://crm.example/orders/a%2F..%2Fb%3Fx%3D1%22%0D%0AEvil%3A%201?by=%2B373"
    assert json.loads(command.body) == {"order": 'a/../b?x=1"\r\nEvil: 1'}
    assert "\n" not in command.headers["X-Order"]
    caller.answer(e.HttpAnsweredEvent, status=200, body={"orders": [{"state": "shipped"}]})
    assert caller.run.shown["state"] == "shipped"


@pytest.mark.parametrize(
    "answer", [(e.HttpFailedEvent, {}), (e.HttpAnsweredEvent, {"status": 500}), (e.FailedEvent, {})]
)
def test_a_server_that_fails_takes_the_exit_for_it(answer: tuple[type, dict[str, int]]) -> None:
    http = {"id": "http", "kind": "http", "url": "https://crm.example/"}
    caller = Caller(drawn(http, MENU, BYE, edges="http next > menu, http failed > bye"))
    caller.answer(answer[0], **answer[1])
    assert caller.run.ended == "flow"


# Queues


def in_queue(edges: str = "", *nodes: dict[str, object], number: str = "+37369123456") -> Caller:
    return Caller(drawn(TO_QUEUE, *nodes, BYE, edges=edges), {"caller": number})


def test_the_caller_rates_after_the_operator_has_left() -> None:
    caller = in_queue("queue after > rate, rate next > bye", {"id": "rate", "kind": "rate"})
    caller.answer(e.ConnectedEvent)
    assert caller.run.deadline is None
    caller.answer(e.FinishedEvent, after=900)
    assert caller.said() == ["[rate_5]"]
    caller.press("5")
    rated = caller.last(c.RatedCommand)
    assert (rated.question, rated.scale, rated.mark) == ("rating", "1-5", 5)


def test_a_call_that_was_served_ends_without_more_words() -> None:
    caller = in_queue()
    caller.answer(e.ConnectedEvent)
    assert caller.answer(e.FinishedEvent)[0].kind == "hang_up"
    assert caller.run.ended == "served"


@pytest.mark.parametrize(
    ("how", "sentence"), [("closed", "[closed]"), ("overflow", "[no_operator]"), ("hang_up", "[no_operator]")]
)
def test_who_is_not_served_is_told_so(how: str, sentence: str) -> None:
    caller = in_queue()
    caller.answer(e.QueueLeftEvent, how=how)
    assert caller.said() == [sentence]


def test_a_queue_that_sends_to_a_mailbox_has_a_message_taken() -> None:
    caller = in_queue()
    caller.answer(e.QueueLeftEvent, how="voicemail", target="night")
    assert caller.last(c.VoicemailCommand).box == "night"
    caller.answer(e.RecordedEvent, seconds=7)
    caller.answer(e.PlayedEvent)
    assert caller.run.ended == "voicemail"


def test_a_queue_that_sends_to_a_number_has_it_called() -> None:
    caller = in_queue()
    caller.answer(e.QueueLeftEvent, how="number", target="+37322000001")
    assert caller.last(c.TransferCommand).number == "+37322000001"


def test_a_queue_can_send_to_a_node_of_the_flow() -> None:
    caller = in_queue("", MENU)
    caller.answer(e.QueueLeftEvent, how="node", target="menu")
    assert caller.said() == ["one or two ro"]


def test_a_call_back_is_offered_beside_the_wait_and_keeps_the_place() -> None:
    caller = in_queue()
    queue = caller.run.state.pending
    assert queue is not None
    caller.answer(e.CallbackOfferedEvent, expected_seconds=240)
    [asked] = caller.heard
    assert isinstance(asked, c.CollectCommand)
    caller.feed(e.DigitsEvent(id=asked.id, digits="1"))
    order = caller.last(c.CallbackCommand)
    assert (order.number, order.keep_place) == ("+37369123456", True)
    caller.feed(e.CallbackOrderedEvent(id=order.id))
    assert caller.said() == ["[callback_ordered]"]
    caller.answer(e.PlayedEvent)
    assert caller.run.ended == "callback"


def test_an_operator_who_answers_ends_the_question_about_a_call_back() -> None:
    caller = in_queue()
    caller.answer(e.CallbackOfferedEvent)
    asked = caller.last(c.CollectCommand)
    caller.answer(e.ConnectedEvent)
    assert caller.last(c.StopCommand).command == asked.id
    assert caller.feed(e.DigitsEvent(id=asked.id, digits="1")) == []


def test_who_hides_their_number_is_asked_for_one() -> None:
    caller = in_queue(number="")
    caller.answer(e.CallbackOfferedEvent)
    asked = caller.last(c.CollectCommand)
    caller.feed(e.DigitsEvent(id=asked.id, digits="1"))
    asked = caller.last(c.CollectCommand)
    caller.feed(e.DigitsEvent(id=asked.id, digits="0037369123456"))
    assert caller.last(c.CallbackCommand).number == "+37369123456"


# Call-back as a node


def callback(**more: object) -> dict[str, object]:
    return {"id": "back", "kind": "callback", "queue_id": str(QUEUE), **more}


def test_a_call_back_goes_to_the_number_that_the_caller_enters() -> None:
    caller = Caller(
        drawn(callback(country="MD"), BYE, edges="back ordered > bye, back declined > bye"), {"caller": "+37369123456"}
    )
    caller.press("1")
    caller.press("2")
    caller.press("022123456")
    assert caller.last(c.CallbackCommand).number == "+37322123456"
    caller.answer(e.CallbackOrderedEvent)
    assert caller.said() == ["[callback_ordered]"]
    caller.answer(e.PlayedEvent)
    assert caller.run.ended == "flow"


def test_a_call_back_that_is_refused_is_told_and_takes_its_exit() -> None:
    caller = Caller(
        drawn(callback(number="caller"), BYE, MENU, edges="back ordered > bye, back declined > menu"),
        {"caller": "+37369123456"},
    )
    caller.press("1")
    caller.answer(e.CallbackOrderedEvent, ok=False)
    assert caller.said() == ["[callback_refused]"]
    caller.answer(e.PlayedEvent)
    assert caller.run.state.node == "menu"


# Transfer, message, mark


@pytest.mark.parametrize(("how", "node"), [("busy", "menu"), ("no_answer", "bye"), ("failed", "bye")])
def test_a_transfer_that_fails_takes_the_exit_of_its_reason(how: str, node: str) -> None:
    to = {"id": "to", "kind": "transfer", "to": {"kind": "number", "number": "{mobile}"}}
    caller = Caller(drawn(to, MENU, BYE, edges="to busy > menu, to failed > bye"), {"mobile": "+37369000001"})
    assert caller.last(c.TransferCommand).number == "+37369000001"
    caller.answer(e.TransferFailedEvent, how=how)
    assert caller.run.state.node == node


@pytest.mark.parametrize(("seconds", "node"), [(4.0, "menu"), (0.0, "bye")])
def test_a_message_of_silence_is_none(seconds: float, node: str) -> None:
    caller = Caller(drawn({"id": "mail", "kind": "voicemail"}, MENU, BYE, edges="mail next > menu, mail empty > bye"))
    assert caller.said() == ["[voicemail]", "[beep]"]
    caller.answer(e.RecordedEvent, seconds=seconds)
    assert caller.run.state.node == node


@pytest.mark.parametrize(
    ("scale", "keys", "taken"), [("1-5", "6", False), ("0-10", "10", True), ("0-10", "11", False), ("0-10", "0", True)]
)
def test_marks_are_within_their_scale(scale: str, keys: str, taken: bool) -> None:  # noqa: FBT001 - a table
    caller = Caller(drawn({"id": "rate", "kind": "rate", "scale": scale}, BYE, edges="rate next > bye"))
    caller.press(keys)
    assert any(isinstance(command, c.RatedCommand) for command in caller.heard) is taken


# Sub-flows


def test_a_sub_flow_comes_back_to_where_it_was_run() -> None:
    inner = UUID(int=7)
    sub = drawn(
        {"id": "hi", "kind": "say", "prompt": words("inside")}, {"id": "back", "kind": "return"}, edges="hi next > back"
    )
    caller = Caller(
        drawn({"id": "sub", "kind": "flow", "flow_id": str(inner)}, MENU, edges="sub next > menu"),
        subflows={inner: sub},
    )
    assert caller.said() == ["inside ro"]
    caller.answer(e.PlayedEvent)
    assert caller.said() == ["one or two ro"]
    assert caller.run.state.flow is None


# Ends


def test_a_flow_that_turns_in_circles_is_stopped() -> None:
    put = {"id": "put", "kind": "set", "assignments": []}
    caller = Caller(drawn(put, edges="put next > put"))
    assert caller.run.ended == "steps"
    assert caller.run.state.steps == MAX_IDLE_STEPS + 1


def test_time_in_menus_has_an_end_and_time_in_queues_does_not_count() -> None:
    caller = Caller(
        drawn(MENU, TO_QUEUE, edges="menu key:1 > queue, menu no_input > menu, queue overflow > menu", max_seconds=60)
    )
    caller.press("1")
    caller.answer(e.QueueLeftEvent, how="overflow", after=3_600)
    deadline = caller.run.deadline
    assert deadline is not None
    assert caller.feed(e.TimePassedEvent(), after=30) == []
    caller.feed(e.TimePassedEvent(), after=deadline - caller.now)
    assert caller.run.ended == "time"


def test_a_caller_who_hangs_up_ends_the_run_at_once() -> None:
    caller = in_queue()
    assert caller.feed(e.CallEndedEvent()) == []
    assert caller.run.ended == "caller"
    assert caller.run.waiting == []


def test_an_answer_to_something_else_changes_nothing() -> None:
    caller = Caller(drawn(MENU, BYE, edges="menu key:1 > bye"))
    before = caller.run.dump()
    assert caller.feed(e.DigitsEvent(id=99, digits="1")) == []
    assert caller.answer(e.HoursAreEvent, state="open") == []
    assert caller.run.dump() == before


def test_values_are_pronounced_in_the_language_of_the_call() -> None:
    say = {"id": "say", "kind": "say", "prompt": [{"kind": "value", "variable": "wait", "spoken_as": "minutes"}]}
    caller = Caller(drawn(say), {"wait": 2.0})
    assert caller.said() == ["două minute"]
