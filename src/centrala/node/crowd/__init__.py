"""The crowd of the sample centre: customers who call by SIP with real audio, and operators who serve them.

A process of its own, started by `centrala demo` only. It knows the centre as anybody outside knows it: SIP and RTP on
loopback, and for the operators the desk's HTTP and WebSocket. The one thing that a real customer would not know is who
has answered: a simulated one is told by its operator, since both live here.
"""
