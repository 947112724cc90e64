"""The exchange: who registers, who calls, and which way a call goes out; the telephony of one process, wired together.

What a call is for (a project, a menu, a queue) is not known here: the stories in `flows` listen and decide.
"""
