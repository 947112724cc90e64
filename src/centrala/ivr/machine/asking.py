"""Nodes that wait for keys: menu, language, collect, rate."""

from collections.abc import Callable
from dataclasses import dataclass

from centrala.ivr.machine import commands as c
from centrala.ivr.machine import definition as d
from centrala.ivr.machine import events as e
from centrala.ivr.machine.mechanics import Mechanics
from centrala.ivr.machine.values import checked

CONFIRM_SECONDS = 5.0  # to say that digits are right


@dataclass(frozen=True, slots=True)
class Again:
    """What is said after a try that failed, before the question is asked anew."""

    no_input: list[c.Sound]
    wrong: list[c.Sound]


def keys_of(event: e.Event) -> str | None:
    """The keys that an answer brings; None: nothing was pressed, or the question could not be asked."""
    return event.digits if isinstance(event, e.DigitsEvent) and event.digits else None


def missed(
    run: Mechanics, node: d.Node, event: e.Event, *, attempts: int, again: Again, ask: Callable[[list[c.Sound]], None]
) -> None:
    """A try failed: ask anew, or take the exit of the last failure."""
    wrong = keys_of(event) is not None
    run.state.tries += 1
    if run.state.tries >= attempts:
        run.leave(node, "wrong" if wrong else "no_input")
    else:
        ask(again.wrong if wrong else again.no_input)


def _again(run: Mechanics, node: d.AskingNode, wrong: str) -> Again:
    saying = run.saying
    return Again(saying.prompt_or(node.no_input_prompt, "press_again"), saying.prompt_or(node.wrong_prompt, wrong))


# Menu


def enter_menu(run: Mechanics, node: d.MenuNode) -> None:
    _ask_one(run, node, [])


def _ask_one(run: Mechanics, node: d.MenuNode, before: list[c.Sound]) -> None:
    sounds = [*before, *run.saying.prompt(node.prompt)]
    run.collect(sounds, wait=node.wait_seconds, interruptible=node.interruptible)


def on_menu(run: Mechanics, node: d.MenuNode, event: e.Event) -> None:
    keys = keys_of(event)
    for choice in node.choices:
        if choice.key == keys:
            run.note("menu", node, key=choice.key, label=choice.label or choice.key)
            run.leave(node, f"key:{choice.key}")
            return
    again = _again(run, node, "wrong_key")
    missed(run, node, event, attempts=node.attempts, again=again, ask=lambda said: _ask_one(run, node, said))


# Language


def enter_language(run: Mechanics, node: d.LanguageNode) -> None:
    _ask_language(run, node, [])


def _ask_language(run: Mechanics, node: d.LanguageNode, before: list[c.Sound]) -> None:
    """The prompt in every language that is offered: nobody knows yet which one the caller understands."""
    spoken, sounds = run.state.language, list(before)
    for language in dict.fromkeys(choice.language for choice in node.choices):
        run.state.language = language
        sounds += run.saying.prompt(node.prompt)
    run.state.language = spoken
    run.collect(sounds, wait=node.wait_seconds, interruptible=node.interruptible)


def on_language(run: Mechanics, node: d.LanguageNode, event: e.Event) -> None:
    keys = keys_of(event)
    for choice in node.choices:
        if choice.key == keys:
            run.speak_language(choice.language)
            run.note("language", node, language=choice.language)
            run.leave(node, "next")
            return
    again = _again(run, node, "wrong_key")
    missed(run, node, event, attempts=node.attempts, again=again, ask=lambda said: _ask_language(run, node, said))


# Collect


def enter_collect(run: Mechanics, node: d.CollectNode) -> None:
    _ask_digits(run, node, [])


def _ask_digits(run: Mechanics, node: d.CollectNode, before: list[c.Sound]) -> None:
    run.collect(
        [*before, *run.saying.prompt(node.prompt)],
        most=max(node.least, node.most),
        terminators=node.terminator,
        wait=node.wait_seconds,
        between=node.between_seconds,
        interruptible=node.interruptible,
        secret=node.secret,
    )


def on_collect(run: Mechanics, node: d.CollectNode, event: e.Event) -> None:
    keys = keys_of(event)
    if run.state.phase == "confirm":
        _confirmed(run, node, keys, event)
        return
    value = checked(node.check, keys, run.today) if keys and len(keys) >= node.least else None
    if value is None:
        _not_collected(run, node, event)
    elif node.read_back:
        run.state.held = value
        _ask_confirmation(run, keys or "", secret=node.secret)
    else:
        _collected(run, node, value)


def _ask_confirmation(run: Mechanics, digits: str, *, secret: bool) -> None:
    saying = run.saying
    sounds = [saying.sentence("read_back", digits=digits), saying.sentence("confirm")]
    run.collect(sounds, phase="confirm", wait=CONFIRM_SECONDS, fresh=True, secret=secret)


def _confirmed(run: Mechanics, node: d.CollectNode, keys: str | None, event: e.Event) -> None:
    if keys == "1":
        _collected(run, node, run.state.held)
    elif keys == "2":
        run.state.tries += 1
        if run.state.tries >= node.attempts:
            run.leave(node, "wrong")
        else:
            _ask_digits(run, node, [])
    else:
        _not_collected(run, node, event)


def _collected(run: Mechanics, node: d.CollectNode, value: str) -> None:
    run.set(node.variable, value, secret=node.secret)
    # A number of a person is in no timeline: it is kept where personal fields are kept, or nowhere.
    shown = "" if node.secret or isinstance(node.check, d.PhoneCheck) else value
    run.note("input", node, variable=node.variable, digits=shown, count=len(value))
    run.leave(node, "next")


def _not_collected(run: Mechanics, node: d.CollectNode, event: e.Event) -> None:
    again = _again(run, node, "wrong_digits")
    missed(run, node, event, attempts=node.attempts, again=again, ask=lambda said: _ask_digits(run, node, said))


# Rate


def enter_rate(run: Mechanics, node: d.RateNode) -> None:
    _ask_mark(run, node, [])


def _ask_mark(run: Mechanics, node: d.RateNode, before: list[c.Sound]) -> None:
    to_five = node.scale == "1-5"
    sounds = run.saying.prompt_or(node.prompt, "rate_5" if to_five else "rate_10")
    # Of 0 to 10 a second key may follow the 1 alone; who waits for it waits two seconds.
    run.collect([*before, *sounds], most=1 if to_five else 2, terminators="" if to_five else "#", between=2.0)


def on_rate(run: Mechanics, node: d.RateNode, event: e.Event) -> None:
    keys = keys_of(event)
    least, most = (1, 5) if node.scale == "1-5" else (0, 10)
    if keys is not None and keys.isdecimal() and least <= int(keys) <= most:
        run.set(node.question, float(int(keys)))
        run.tell(c.RatedCommand(id=run.fresh(), question=node.question, scale=node.scale, mark=int(keys)))
        run.leave(node, "next")
        return
    run.state.tries += 1
    if run.state.tries >= node.attempts:
        run.leave(node, "no_input")
        return
    _ask_mark(run, node, [run.saying.sentence("press_again" if keys is None else "wrong_key")])
