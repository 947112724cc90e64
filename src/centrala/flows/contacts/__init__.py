"""The live contacts of this process: from the ring of a call to the end of its wrap-up.

Theory of operation. A `Contact` is one interaction while it lives. Three sources speak about it: the calls (a leg was
answered, has ended, a key was pressed), the router (ring, withdraw, announce), and people at their desks. What changes
the contact and cannot wait happens at once, in the listener; what talks with telephony happens in the contact's turn,
one step after the other. Nobody but the router decides who gets a contact, and nothing here keeps a second opinion:
an answered phone is told to the router first, and if the offer was over by then the phone is let go.

A call of a contact outlasts each of its parties (`Calls.outlast`), so that whoever leaves is judged here: the client
who hangs up ends everything, an operator who hangs up lets the client rate or go, an operator who vanishes sends the
client back to the queue.
"""
