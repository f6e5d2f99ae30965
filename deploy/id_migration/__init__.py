"""Migration of a record's ids from unkeyed hashes to the county's key (`roost migrate-ids`).

    plan         counts the records, and names the obstacles
    respelling   finds records whose reference has another spelling than the common one
    rewriting    replaces the ids in one record; pure
    copying      appends the rewritten records of a topic, each once, and verifies them
    local_files  rewrites the files of this machine that name workers
    migration    the steps, in an order in which an interruption at any point is safe

The keyed id is a function of the unkeyed id and the key (`roost.ids.successor`), so no table of old
and new ids exists at any time (ADR 25).
"""
