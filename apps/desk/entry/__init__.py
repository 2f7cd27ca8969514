"""Entry around a paper: the study, its preparations, its claims and their measures on one screen."""
