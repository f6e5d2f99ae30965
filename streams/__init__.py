"""The stages: facts become views, matches, notifications and deliveries, one way.

    profiles, openings, stations ─► index ─► (views) searchable
                        searchable ─► match ─► proposals
          proposals, match-actions ─► queue ─► matches, searchable (whom to match again)
                  matches, notices ─► notify ─► notifications
                     notifications ─► deliver ─► deliveries

Each stage is a folder with an `agent` that moves and, where it decides, a pure module beside it.
Each is a consumer group and a process of its own (`roost worker STAGE`), so a slow one holds up
nobody upstream. `guard` is the edge of all of them; `app` puts one together; `rebuild` makes the
views anew from the topics; `dead_letters` handles what was parked.
"""
