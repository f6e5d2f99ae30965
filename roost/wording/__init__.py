"""Texts of notifications, written when they are sent, from the current views.

1. `message`         input (`Subject`) and output (`Message`)
2. `inert`           foreign text made safe to show: one line, no control characters, no links
3. `template_facts`  values that a template may use of a subject, and those that are missing
4. `digest`          selection of the subjects that get a line in a digest: pure
5. `templates`       sandboxed Jinja2; `roost/data/templates/<language>/<kind>.txt.j2`, of which
                     the first line is the title
6. `writing`         `write` combines all of these

`samples` has an invented subject of every kind, for previews and for checks of a county's own
templates. `action_words` explains refused actions.
"""

from roost.wording.message import Message, Subject
from roost.wording.writing import write

__all__ = ["Message", "Subject", "write"]
