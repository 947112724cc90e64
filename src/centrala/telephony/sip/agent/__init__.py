"""The user agent: messages, commands and `now` in; bytes to send, events and the next deadline out.

`core.UserAgent` is the front; each other module has one concern: calls we make (`outgoing`), calls
that come (`incoming`), offers within a call (`reoffer`), reliable provisional responses
(`reliable`),
session timers (`refresh`), transfers (`transfer`), everything else (`plain`).
"""
