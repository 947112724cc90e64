"""The published definitions in words, in the three languages of the desk."""

from collections.abc import Mapping
from typing import Final

from centrala.reports.definitions import KINDS, Kind, Measure
from centrala.reports.schemas import DefinitionOut, Translated

_TEXTS: Final[Mapping[str, tuple[tuple[str, str, str], tuple[str, str, str]]]] = {
    Measure.OFFERED: (
        ("Offered", "Поступило", "Intrate"),
        (
            (
                "Contacts that entered the queue: answered, abandoned, short, overflowed and turned away together. "
                "A contact counts where and when it entered the queue, once its wait is over."
            ),
            (
                "Контакты, вошедшие в очередь: отвеченные, потерянные, короткие, переведённые дальше и отклонённые. "
                "Контакт считается там и тогда, где и когда он вошёл в очередь, после окончания ожидания."
            ),
            (
                "Contacte intrate în coadă: preluate, abandonate, scurte, trimise mai departe și refuzate, împreună. "
                "Un contact se numără unde și când a intrat în coadă, după ce așteptarea s-a încheiat."
            ),
        ),
    ),
    Measure.ANSWERED: (
        ("Answered", "Отвечено", "Preluate"),
        (
            "An operator took the contact from the queue.",
            "Оператор принял контакт из очереди.",
            "Un operator a preluat contactul din coadă.",
        ),
    ),
    Measure.ABANDONED: (
        ("Abandoned", "Потеряно", "Abandonate"),
        (
            "The customer left before an answer, after at least the time of a short call.",
            "Клиент ушёл до ответа, прождав не меньше времени короткого звонка.",
            "Clientul a plecat înainte de răspuns, după cel puțin durata unui apel scurt.",
        ),
    ),
    Measure.SHORT: (
        ("Short", "Короткие", "Scurte"),
        (
            "The customer left earlier than that: wrong numbers and second thoughts.",
            "Клиент ушёл раньше этого времени: ошиблись номером или передумали.",
            "Clientul a plecat mai devreme de atât: număr greșit sau răzgândire.",
        ),
    ),
    Measure.OVERFLOWED: (
        ("Overflowed", "Переведено дальше", "Trimise mai departe"),
        (
            "Sent on from the wait to another queue, a mailbox or a number.",
            "Переведены из ожидания в другую очередь, на автоответчик или на номер.",
            "Trimise din așteptare în altă coadă, la mesageria vocală sau la un număr.",
        ),
    ),
    Measure.TURNED_AWAY: (
        ("Turned away", "Отклонено", "Refuzate"),
        (
            "The queue was full, closed or without operators, the limit of waiting was reached, or a fault cut it off.",
            "Очередь была полна, закрыта или без операторов, достигнут предел ожидания либо произошёл сбой.",
            "Coada era plină, închisă sau fără operatori, s-a atins limita de așteptare ori a intervenit o eroare.",
        ),
    ),
    Measure.CALLED_BACK: (
        ("Called back", "Перезвонили", "Apelate înapoi"),
        (
            "Answered as a call-back. Part of answered; the wait was not on the line and is left out of all waits.",
            "Отвечено обратным звонком. Входит в отвеченные; ожидание шло не на линии и в расчёт ожидания не берётся.",
            "Preluate prin apel înapoi. Parte din cele preluate; așteptarea nu a fost pe linie și nu se socotește.",
        ),
    ),
    Measure.SERVICE_LEVEL_OFFERED: (
        ("Service level, of offered", "Уровень сервиса, от поступивших", "Nivel de servire, din intrate"),
        (
            "Answered within the target time / offered.",
            "Отвечено за целевое время / поступило.",
            "Preluate în timpul-țintă / intrate.",
        ),
    ),
    Measure.SERVICE_LEVEL_WITHOUT_SHORT: (
        ("Service level, without short", "Уровень сервиса, без коротких", "Nivel de servire, fără scurte"),
        (
            "Answered within the target time / (offered − short).",
            "Отвечено за целевое время / (поступило − короткие).",
            "Preluate în timpul-țintă / (intrate − scurte).",
        ),
    ),
    Measure.SERVICE_LEVEL_ANSWERED: (
        ("Service level, of answered", "Уровень сервиса, от отвеченных", "Nivel de servire, din preluate"),
        (
            "Answered within the target time / answered.",
            "Отвечено за целевое время / отвечено.",
            "Preluate în timpul-țintă / preluate.",
        ),
    ),
    Measure.SERVICE_LEVEL_WITH_LEAVERS: (
        (
            "Service level, with early leavers",
            "Уровень сервиса, с ушедшими рано",
            "Nivel de servire, cu plecați devreme",
        ),
        (
            "(Answered within the target time + left within it) / offered.",
            "(Отвечено за целевое время + ушли в его пределах) / поступило.",
            "(Preluate în timpul-țintă + plecați în acest timp) / intrate.",
        ),
    ),
    Measure.ABANDONMENT: (
        ("Abandonment", "Доля потерянных", "Rata de abandon"),
        ("Abandoned / (offered − short).", "Потеряно / (поступило − короткие).", "Abandonate / (intrate − scurte)."),
    ),
    Measure.ASA: (
        ("Average speed of answer (ASA)", "Средняя скорость ответа (ASA)", "Viteza medie de răspuns (ASA)"),
        (
            "Mean wait of the answered, from entering the queue; call-backs left out.",
            "Среднее ожидание отвеченных от входа в очередь; без обратных звонков.",
            "Așteptarea medie a celor preluate, de la intrarea în coadă; fără apelurile înapoi.",
        ),
    ),
    Measure.LONGEST_WAIT: (
        ("Longest wait", "Самое долгое ожидание", "Cea mai lungă așteptare"),
        (
            "Of all who waited on the line, answered or not.",
            "Среди всех, кто ждал на линии, дождавшись ответа или нет.",
            "Dintre toți cei care au așteptat pe linie, cu sau fără răspuns.",
        ),
    ),
    Measure.AHT: (
        ("Average handling time (AHT)", "Среднее время обработки (AHT)", "Timp mediu de tratare (AHT)"),
        (
            "Mean of talk + hold + wrap-up of the answered.",
            "Среднее: разговор + удержание + поствызывная обработка отвеченных.",
            "Media: convorbire + așteptare la operator + finalizare, a celor preluate.",
        ),
    ),
    Measure.TALK: (
        ("Talk", "Разговор", "Convorbire"),
        (
            "Mean time of talking, without hold.",
            "Среднее время разговора без удержания.",
            "Timpul mediu de convorbire, fără punerea în așteptare.",
        ),
    ),
    Measure.HOLD: (
        ("Hold", "Удержание", "Punere în așteptare"),
        (
            "Mean time on hold during the talk.",
            "Среднее время удержания во время разговора.",
            "Timpul mediu de punere în așteptare în timpul convorbirii.",
        ),
    ),
    Measure.WRAP_UP: (
        ("Wrap-up", "Поствызывная обработка", "Finalizare"),
        (
            "Mean time of work after the contact, up to the operator's being ready again.",
            "Среднее время работы после контакта до новой готовности оператора.",
            "Timpul mediu de lucru după contact, până când operatorul este din nou disponibil.",
        ),
    ),
    Measure.TRANSFERS: (
        ("Transfers", "Переводы", "Transferuri"),
        (
            "Talks that the operator handed on to a queue, a person or a number.",
            "Разговоры, которые оператор передал в очередь, человеку или на номер.",
            "Convorbiri pe care operatorul le-a transferat către o coadă, o persoană sau un număr.",
        ),
    ),
    Measure.TRANSFER_RATE: (
        ("Transfer rate", "Доля переводов", "Rata transferurilor"),
        (
            "Transfers / all talks: from queues, to a person directly and outgoing.",
            "Переводы / все разговоры: из очередей, напрямую к человеку и исходящие.",
            "Transferuri / toate convorbirile: din cozi, direct către o persoană și de ieșire.",
        ),
    ),
    Measure.FCR: (
        ("First contact resolution (FCR)", "Решено с первого контакта (FCR)", "Rezolvare la primul contact (FCR)"),
        (
            (
                "Answered contacts after which the same customer or number did not come to the same project again "
                "within the days chosen / answered contacts for which those days have passed and the party is known. "
                "Counted on the contact's last answered visit."
            ),
            (
                "Отвеченные контакты, после которых тот же клиент или номер не обращался в тот же проект в течение "
                "выбранных дней / отвеченные контакты, для которых эти дни прошли и клиент или номер известен. "
                "Учитывается в последнем отвеченном обращении контакта."
            ),
            (
                "Contacte preluate după care același client sau număr nu a revenit la același proiect în zilele alese "
                "/ contacte preluate pentru care aceste zile au trecut și clientul sau numărul este cunoscut. "
                "Se numără la ultima preluare a contactului."
            ),
        ),
    ),
    Measure.RATING: (
        ("Rating, 1 to 5", "Оценка, от 1 до 5", "Evaluare, de la 1 la 5"),
        (
            "Mean of the marks that customers gave after the contact on the scale from 1 to 5.",
            "Среднее оценок по шкале от 1 до 5, которые клиенты поставили после контакта.",
            "Media notelor de la 1 la 5 date de clienți după contact.",
        ),
    ),
    Measure.RATING_10: (
        ("Rating, 0 to 10", "Оценка, от 0 до 10", "Evaluare, de la 0 la 10"),
        (
            "Mean of the marks that customers gave after the contact on the scale from 0 to 10.",
            "Среднее оценок по шкале от 0 до 10, которые клиенты поставили после контакта.",
            "Media notelor de la 0 la 10 date de clienți după contact.",
        ),
    ),
    Measure.DIRECT: (
        ("Direct", "Напрямую", "Directe"),
        (
            "Answered by a person whom the contact reached past the queues, as after a transfer to a person.",
            "Отвечено человеком, к которому контакт попал мимо очередей, например после перевода на человека.",
            "Preluate de o persoană la care contactul a ajuns fără coadă, de exemplu prin transfer către o persoană.",
        ),
    ),
    Measure.OUTGOING: (
        ("Outgoing", "Исходящие", "De ieșire"),
        (
            "Talks that the centre began and the customer answered.",
            "Разговоры, которые начал центр и на которые клиент ответил.",
            "Convorbiri inițiate de centru la care clientul a răspuns.",
        ),
    ),
    "percentiles": (
        ("Percentiles of waits", "Процентили ожидания", "Percentilele așteptării"),
        (
            "Nearest rank: the smallest wait of an answered contact that so many per cent of them did not exceed.",
            "По ближайшему рангу: наименьшее ожидание отвеченного контакта, которое не превысила такая доля контактов.",
            "Rangul cel mai apropiat: cea mai mică așteptare preluată pe care atâtea procente nu au depășit-o.",
        ),
    ),
    "occupancy": (
        ("Occupancy", "Загрузка", "Gradul de ocupare"),
        (
            (
                "Time with a contact in hand (ringing to end of wrap-up) / time ready or with a contact in hand. "
                "Breaks are left out."
            ),
            "Время с контактом (от звонка до конца обработки) / время готовности и с контактом. Перерывы не считаются.",
            (
                "Timpul cu un contact (de la sunet la sfârșitul finalizării) / timpul disponibil sau cu un contact. "
                "Pauzele nu se numără."
            ),
        ),
    ),
}


def _definition(name: str, kind: Kind) -> DefinitionOut:
    (en, ru, ro), (text_en, text_ru, text_ro) = _TEXTS[name]
    return DefinitionOut(
        id=str(name),
        kind=kind,
        name=Translated(en=en, ru=ru, ro=ro),
        text=Translated(en=text_en, ru=text_ru, ro=text_ro),
    )


DEFINITIONS: Final = (
    *(_definition(measure, KINDS[measure]) for measure in Measure),
    _definition("percentiles", Kind.LONGEST),
    _definition("occupancy", Kind.RATIO),
)
"""All definitions in the order of the measures."""
