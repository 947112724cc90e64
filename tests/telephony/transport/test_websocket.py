"""SIP over WebSocket: a real server and a real client of the protocol below SIP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
import websockets
from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.events import Answered, Event, FlowLost, RequestReceived
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import make_response
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport import Guard, GuardPolicy, Limits, Rate, WebSocketFlows

from .conftest import PATIENCE, SDP, MakePeer, Peer
from .test_streams import until

SIP = [Subprotocol("sip")]
REGISTER = (
    "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKx%d\r\n"
    "From: <sip:ana@example.com>;tag=1\r\nTo: <sip:ana@example.com>\r\nCall-ID: x\r\nCSeq: %d REGISTER\r\n"
    "Contact: <sip:ana@df7jal23ls0d.invalid;transport=ws>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


@asynccontextmanager
async def served(peer: Peer) -> AsyncIterator[str]:
    """The address of a web server whose route is the endpoint's; `owner` is what the query says."""
    app, flows = FastAPI(), WebSocketFlows(peer.endpoint)

    @app.websocket("/api/sip")
    async def sip(websocket: WebSocket) -> None:
        await flows.serve(websocket, websocket.query_params.get("owner"))

    config = uvicorn.Config(app, port=0, log_config=None, ws="websockets-sansio", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}/api/sip"
    finally:
        server.should_exit = True
        await task


def accept(peer: Peer, event: Event) -> None:
    if isinstance(event, RequestReceived):
        peer.agent.respond(event.server, 200, peer.now())


async def receive(client: ClientConnection) -> bytes:
    message = await asyncio.wait_for(client.recv(), PATIENCE)
    assert isinstance(message, str)
    return message.encode()


async def test_a_request_is_served_and_its_flow_knows_the_owner(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=accept)
    async with served(ion) as url, connect(f"{url}?owner=ana", subprotocols=SIP) as client:
        await client.send(REGISTER % (1, 1))
        response = parse_datagram(await receive(client))
        assert response is not None
        assert response.start_line() == "SIP/2.0 200 OK"
        flow = (await ion.wait_for(RequestReceived)).flow
        assert flow.transport is Transport.WS
        assert ion.endpoint.owner(flow) == "ana"
        assert client.subprotocol == "sip"


async def test_a_binary_message_is_taken_too(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=accept)
    async with served(ion) as url, connect(url, subprotocols=SIP) as client:
        await client.send((REGISTER % (1, 1)).encode())
        assert (await receive(client)).startswith(b"SIP/2.0 200 ")


async def test_a_browser_is_no_stranger(make_peer: MakePeer) -> None:
    """Its session has let it in; behind a reverse proxy even its port is not known."""
    ion = await make_peer(guard=Guard(GuardPolicy(outside=Rate(0.0, 0.0))))
    async with served(ion) as url, connect(url, subprotocols=SIP) as client:
        await client.send((REGISTER % (1, 1)).replace("REGISTER", "OPTIONS"))
        assert (await receive(client)).startswith(b"SIP/2.0 200 ")


async def test_a_keep_alive_is_answered(make_peer: MakePeer) -> None:
    ion = await make_peer()
    async with served(ion) as url, connect(url, subprotocols=SIP) as client:
        await client.send("\r\n\r\n")
        assert await receive(client) == b"\r\n"


async def test_a_call_to_a_browser_goes_by_its_flow_and_so_do_ack_and_bye(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=accept)
    async with served(ion) as url, connect(url, subprotocols=SIP) as client:
        await client.send(REGISTER % (1, 1))
        await receive(client)
        flow = (await ion.wait_for(RequestReceived)).flow
        target = parse_uri("sip:ana@df7jal23ls0d.invalid;transport=ws")
        ion.agent.invite(Call(target, parse_name_addr("<sip:b@example.com>"), flow=flow, sdp=SDP), ion.now())
        ion.endpoint.flush()
        invite = parse_datagram(await receive(client))
        assert isinstance(invite, Request)
        ok = make_response(invite, 200, to_tag="browser")
        ok.headers.add("Contact", "<sip:ana@df7jal23ls0d.invalid;transport=ws>")
        ok.set_body("application/sdp", SDP)
        await client.send(ok.to_bytes().decode())
        assert (await receive(client)).startswith(b"ACK sip:ana@df7jal23ls0d.invalid")
        ion.agent.hang_up((await ion.wait_for(Answered)).session, ion.now())
        ion.endpoint.flush()
        assert (await receive(client)).startswith(b"BYE sip:ana@df7jal23ls0d.invalid")


async def test_a_closed_browser_loses_its_flow(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=accept)
    async with served(ion) as url:
        async with connect(url, subprotocols=SIP) as client:
            await client.send(REGISTER % (1, 1))
            await receive(client)
        flow = (await ion.wait_for(RequestReceived)).flow
        assert (await ion.wait_for(FlowLost)).flow == flow
        assert not ion.endpoint.is_open(flow)


async def test_we_close_a_flow_and_the_browser_sees_it(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=accept)
    async with served(ion) as url, connect(url, subprotocols=SIP) as client:
        await client.send(REGISTER % (1, 1))
        await receive(client)
        ion.endpoint.close_flow((await ion.wait_for(RequestReceived)).flow)
        with pytest.raises(websockets.ConnectionClosed):
            await receive(client)
        assert client.close_code == 1001


async def test_another_subprotocol_is_refused(make_peer: MakePeer) -> None:
    """RFC 7118 5: a server that speaks SIP takes nothing else."""
    ion = await make_peer()
    async with served(ion) as url:
        for offered in (None, [Subprotocol("chat")]):
            with pytest.raises(websockets.InvalidStatus):
                await connect(url, subprotocols=offered)
    assert ion.endpoint.counters["websockets_not_sip"] == 2


async def test_browsers_of_one_address_are_capped(make_peer: MakePeer) -> None:
    ion = await make_peer(limits=Limits(per_address=1))
    async with served(ion) as url:
        async with connect(url, subprotocols=SIP):
            with pytest.raises(websockets.InvalidStatus):
                await connect(url, subprotocols=SIP)
        await until(lambda: ion.endpoint.counters["connections_open"] == 0)
        async with connect(url, subprotocols=SIP):
            pass


async def test_a_browser_that_does_not_read_is_closed(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=accept, limits=Limits(unsent_bytes=10_000))
    async with served(ion) as url, connect(url, subprotocols=SIP, max_queue=1) as client:
        await client.send(REGISTER % (1, 1))
        flow = (await ion.wait_for(RequestReceived)).flow
        target, local = parse_uri("sip:ana@df7jal23ls0d.invalid"), parse_name_addr("<sip:b@example.com>")
        # All in one turn of the loop: nothing of it can have been written meanwhile.
        for _ in range(40):
            ion.agent.invite(Call(target, local, flow=flow, sdp=SDP), ion.now())
        ion.endpoint.flush()
        await until(lambda: ion.endpoint.counters.get("slow_readers") == 1)
    assert not ion.endpoint.is_open(flow)
