"""The words of notifications, written at the moment of sending from what the views say then.

1. `message`     what goes in (`Subject`) and what comes out (`Message`)
2. `inert`       text of others made safe to show: one line, no control characters, no live links
3. `facts`       what a template may read of a subject, and what is missing of it
4. `digest`      which of several subjects get a line: pure
5. `templates`   Jinja2, sandboxed; `roost/data/templates/<language>/<kind>.txt.j2`: the first line
                 is the title
6. `writing`     `write`: all of these together

`samples` has one made-up subject of every kind, for previews and for checking a county's own
templates; `stop_words` knows a reply that asks to be left alone.
"""

from roost.wording.message import Message, Subject
from roost.wording.writing import write

__all__ = ["Message", "Subject", "write"]
