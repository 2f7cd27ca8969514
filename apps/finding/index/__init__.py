"""A search index derived from PostgreSQL: the same answers as its own, sooner.

PostgreSQL stays the truth. Triggers write down what changes (`records.Change`); one follower per host reads that and
keeps the index on disk in step (`follower`); the processes that serve pages map it into memory (`reader`), and use it
only where it has seen every change that they can see. Else, and where there is no index, PostgreSQL answers itself.
The index can be thrown away at any time: `manage.py rebuild_search_index` makes it anew.
"""
