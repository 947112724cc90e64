"""Reports: measures by published definitions, each with the rows behind it.

The room owns a table of visits, a row for each time a contact spent in a queue or with an operator. Visits are made
from the timelines of contacts alone: they can be made anew at any time, and a job proves every night that they agree.
"""
