"""Pure decisions about matches; no feature represents an attribute that the law forbids.

1. `features`     an opening or a profile in the terms that decide: computed once, at indexing.
2. `queries`      the Elasticsearch search for candidates: hard constraints as filters,
                  recall by BM25 over our own tokens (`text`) and by nearest vectors (`similarity`).
3. `eligibility`  the hard constraints again, exactly, for one pair: the obstacle, or none.
4. `parts`        the reciprocal score of a pair: does the job suit the worker, does the worker
                  suit the employer; `weights` weighs the parts, `boost` adds the priority.
5. `ranking`      `rank` orders candidates, `evaluate` decides one pair finally.
6. `assignment`   distribution of openings to workers when places and exposure are scarce.
7. `reasons`      the parts of the score in words (`wording`, `wages`), Chinese and English, and
                  the next step; `suggestions` also finds the training with the largest gain.
8. `serving`      the station that serves a worker.
9. `outcomes`     rows to learn from; `learning`, `comparison` and `lessons` turn them into weights.
"""
