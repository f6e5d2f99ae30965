"""Hard constraints of an opening on workers, and the clauses that find workers who meet them.

The matcher's searches and the API's preview use the same clauses, so the preview shows an
employer the same workers that the matcher will find. Pure.
"""
