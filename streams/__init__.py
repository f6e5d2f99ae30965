"""The stages, which turn facts into views, matches, notifications and deliveries, in one direction.

    profiles, openings, stations ─► index ─► (views) searchable
                        searchable ─► match ─► proposals
          proposals, match-actions ─► queue ─► matches, searchable (entities to match again)
                  matches, notices ─► notify ─► notifications
                     notifications ─► deliver ─► deliveries

Each stage is a consumer group and a process (`roost worker STAGE`), so a slow stage delays no stage
upstream. Its folder holds a module with the I/O and pure modules with the decisions.

    worker           runs one stage: the composition root of its process
    stages           lists the stages with their topics, and builds them
    maintenance      rebuilds views and retries dead letters
    views            reads and writes that several stages share
    kernel           the consumer loop, the guard around every stage, the watchdog, and two engines
"""
