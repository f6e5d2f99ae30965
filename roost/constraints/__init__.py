"""What an opening asks of workers without exception, and the clauses that find who meets it.

The matcher's searches and the API's preview are made of the same clauses: so what an employer is
told beforehand is what the matcher will do. Pure.
"""
