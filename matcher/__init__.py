"""How a match is decided; everything here is pure, and no attribute the law forbids has a field.

1. `features`     what an opening or a profile says, in the terms that decide: once, at indexing.
2. `queries`      the Elasticsearch search that finds who may fit: hard constraints as filters,
                  recall by BM25 over our own tokens (`text`) and by nearest vectors (`similarity`).
3. `eligibility`  the hard constraints again, exactly, for one pair: the obstacle, or none.
4. `parts`        the reciprocal score of a pair: would the worker want it, would the employer
                  want them; `weights` says how much each part counts, `boost` who has priority.
5. `ranking`      `rank` orders candidates, `evaluate` decides one pair finally.
6. `assignment`   who is sent which opening when places and exposure are scarce.
7. `reasons`      the parts of the score in words (`wording`, `wages`), Chinese and English, and
                  the next step; `suggestions` also says what training opens most doors.
8. `serving`      the station that serves a worker.
"""
