"""Who talks to whom: queues, waiting contacts of every channel, operators' states, offers and the reasons for them."""
