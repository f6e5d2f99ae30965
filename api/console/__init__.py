"""The web console: pages made on the server, for people at a station, an employer, at home.

Each feature is a folder with `pages.py` (its routes) and `templates/`; what all share stands here.
"""
