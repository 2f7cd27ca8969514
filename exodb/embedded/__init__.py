"""The embedded way to run ExoDB: PostgreSQL, Redis, web, worker and scheduler under one supervisor.

Nothing here needs Django: these modules must work before there is a database to speak to.
"""
