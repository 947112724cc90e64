"""What the system says by itself, in the languages that it has voices for.

`{name}` is filled in by `centrala.ivr.spoken`. A project may put a prompt of its own in the place of a sentence without
such a place.
"""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "press_again": {
        "en": "We have not heard a key. Please try again.",
        "ru": "Мы не услышали нажатия. Попробуйте ещё раз.",
        "ro": "Nu am primit nicio tastă. Vă rugăm să încercați din nou.",
    },
    "wrong_key": {
        "en": "There is no such choice. Please try again.",
        "ru": "Такого пункта нет. Попробуйте ещё раз.",
        "ro": "Nu există această opțiune. Vă rugăm să încercați din nou.",
    },
    "wrong_digits": {
        "en": "This number is not right. Please enter it again.",
        "ru": "Номер введён неверно. Введите его ещё раз.",
        "ro": "Numărul nu este corect. Vă rugăm să îl introduceți din nou.",
    },
    "read_back": {
        "en": "You have entered: {digits}.",
        "ru": "Вы ввели: {digits}.",
        "ro": "Ați introdus: {digits}.",
    },
    "confirm": {
        "en": "If this is right, press 1. To enter it again, press 2.",
        "ru": "Если верно, нажмите 1. Чтобы ввести заново, нажмите 2.",
        "ro": "Dacă este corect, apăsați 1. Pentru a introduce din nou, apăsați 2.",
    },
    "wait_for_operator": {
        "en": "Please stay on the line. An operator will answer you.",
        "ru": "Оставайтесь на линии. Оператор ответит вам.",
        "ro": "Vă rugăm să rămâneți pe linie. Un operator vă va răspunde.",
    },
    "position": {
        "en": "You are number {position} in the queue.",
        "ru": "Ваш номер в очереди: {position}.",
        "ro": "Sunteți pe locul {position} în așteptare.",
    },
    "position_first": {
        "en": "You are next.",
        "ru": "Вы следующий в очереди.",
        "ro": "Urmați la rând.",
    },
    "expected_wait": {
        "en": "The expected wait is about {minutes}.",
        "ru": "Примерное время ожидания: {minutes}.",
        "ro": "Timpul de așteptare este de aproximativ {minutes}.",
    },
    "expected_wait_short": {
        "en": "The expected wait is less than a minute.",
        "ru": "Примерное время ожидания: меньше минуты.",
        "ro": "Timpul de așteptare este mai mic de un minut.",
    },
    "expected_wait_long": {
        "en": "The expected wait is more than half an hour.",
        "ru": "Примерное время ожидания: больше получаса.",
        "ro": "Timpul de așteptare este mai mare de o jumătate de oră.",
    },
    "closed": {
        "en": "You are calling outside of our working hours. Please call again later.",
        "ru": "Вы звоните в нерабочее время. Пожалуйста, перезвоните позже.",
        "ro": "Ne sunați în afara orelor de program. Vă rugăm să reveniți mai târziu.",
    },
    "no_operator": {
        "en": "Nobody can answer your call right now. Please call again later.",
        "ru": "Сейчас никто не может ответить на ваш звонок. Пожалуйста, перезвоните позже.",
        "ro": "Momentan nimeni nu vă poate răspunde. Vă rugăm să reveniți mai târziu.",
    },
    "voicemail": {
        "en": "Please leave a message after the tone. To finish, hang up or press the hash key.",
        "ru": "Оставьте сообщение после сигнала. Чтобы закончить, положите трубку или нажмите решётку.",
        "ro": "Lăsați un mesaj după semnal. Pentru a încheia, închideți sau apăsați tasta diez.",
    },
    "callback_offer": {
        "en": "We can call you back, and you keep your place in the queue. To be called back, press 1. "
        "To wait, press 2.",
        "ru": "Мы можем перезвонить вам, ваше место в очереди сохранится. Чтобы заказать звонок, нажмите 1. "
        "Чтобы ждать, нажмите 2.",
        "ro": "Vă putem suna noi, iar locul dumneavoastră în așteptare se păstrează. Pentru a fi sunat, apăsați 1. "
        "Pentru a aștepta, apăsați 2.",
    },
    "callback_ask": {
        "en": "To be called back, press 1.",
        "ru": "Чтобы мы вам перезвонили, нажмите 1.",
        "ro": "Pentru a fi sunat de noi, apăsați 1.",
    },
    "callback_choose": {
        "en": "To be called at the number that you are calling from, press 1. To enter another number, press 2.",
        "ru": "Чтобы мы перезвонили на номер, с которого вы звоните, нажмите 1. Чтобы ввести другой номер, нажмите 2.",
        "ro": "Pentru a fi sunat la numărul de la care sunați, apăsați 1. Pentru a introduce alt număr, apăsați 2.",
    },
    "callback_number": {
        "en": "Enter the number with its code, then press the hash key.",
        "ru": "Введите номер с кодом, затем нажмите решётку.",
        "ro": "Introduceți numărul cu prefix, apoi apăsați tasta diez.",
    },
    "callback_ordered": {
        "en": "Thank you. We shall call you back.",
        "ru": "Спасибо. Мы вам перезвоним.",
        "ro": "Vă mulțumim. Vă vom suna.",
    },
    "callback_refused": {
        "en": "We cannot call this number back.",
        "ru": "На этот номер мы не можем перезвонить.",
        "ro": "Nu putem suna la acest număr.",
    },
    "rate_5": {
        "en": "How do you rate our service? Press a key from 1, very bad, to 5, very good.",
        "ru": "Как вы оцениваете наше обслуживание? Нажмите цифру от 1, очень плохо, до 5, отлично.",
        "ro": "Cum apreciați serviciul nostru? Apăsați o cifră de la 1, foarte slab, până la 5, foarte bine.",
    },
    "rate_10": {
        "en": "How likely are you to recommend us? Enter a number from 0 to 10.",
        "ru": "Насколько вероятно, что вы порекомендуете нас? Введите число от 0 до 10.",
        "ro": "Cât de probabil este să ne recomandați? Introduceți un număr de la 0 la 10.",
    },
    "thanks": {
        "en": "Thank you.",
        "ru": "Спасибо.",
        "ro": "Vă mulțumim.",
    },
    "goodbye": {
        "en": "Thank you for your call. Goodbye.",
        "ru": "Спасибо за звонок. До свидания.",
        "ro": "Vă mulțumim pentru apel. La revedere.",
    },
    "fault": {
        "en": "Something has gone wrong. Please call again later.",
        "ru": "Произошла ошибка. Пожалуйста, перезвоните позже.",
        "ro": "A apărut o eroare. Vă rugăm să reveniți mai târziu.",
    },
    "recorded": {
        "en": "This call may be recorded.",
        "ru": "Разговор может быть записан.",
        "ro": "Convorbirea poate fi înregistrată.",
    },
}
"""By name and language."""

REPLACEABLE: Final = frozenset(
    name for name, texts in SENTENCES.items() if not any("{" in text for text in texts.values())
)
