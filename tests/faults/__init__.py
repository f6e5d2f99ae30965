"""The fault matrix on real processes and the real stack.

    scenario   a row of the matrix, its run and its verdict
    rows/      the faults, one function each
    oracle     invariants after every run: pure, over `evidence`
    cluster    servers, proxies, sink, stages and API: start, harm, restart
    launcher   a stage as `roost worker` runs it, with traps or a sabotage from outside
    proxy      latency, resets, cut answers, refusals between the processes and the servers
    sink       an HTTP receiver of messages that logs every attempt before it answers
    workload   seeded facts whose outcome does not depend on their order

`make test-faults SEEDS="7 8" ROWS="2 4"`
"""
