"""The pages of review: the dashboard, the queue, the screen of one claim, its comparisons, and the bulk decisions."""
