"""Pull feeds: read sources of advertisements on their schedule, and close withdrawn ones.

`run_times` and `withdrawals` decide, `http_fetching` and `folder_reading` obtain files,
`source_runs` processes one run, `source_runner` repeats them.
"""
