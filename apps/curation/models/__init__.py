"""What curation needs beside the evidence itself."""

from apps.curation.models.assignment import Assignment
from apps.curation.models.discussion import LONGEST_COMMENT, Comment, Mention, Reading
from apps.curation.models.duplicates import Likeness

__all__ = ["LONGEST_COMMENT", "Assignment", "Comment", "Likeness", "Mention", "Reading"]
