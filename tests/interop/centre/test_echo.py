"""The echo test: whoever dials it from a phone of the centre hears themselves."""

import asyncio

from centrala.telephony.phones.service import ECHO
from interop.centre.conftest import Floor
from interop.exchange.conftest import until
from support.audio import ENGLISH, ENOUGH, likeness, say


async def test_who_dials_the_echo_hears_what_they_say(floor: Floor) -> None:
    phone = await floor.desk_phone(await floor.person())
    line = await phone.dial(ECHO)
    await asyncio.wait_for(line.answered.wait(), 10)
    said = say(ENGLISH)
    await line.sound.say(said)
    await asyncio.sleep(0.3)  # the last packets are on their way back
    heard = line.sound.audio()
    assert await asyncio.to_thread(lambda: likeness(said, heard).heard) >= ENOUGH
    phone.hang_up(line)
    await until(lambda: not floor.exchange.calls.live())
