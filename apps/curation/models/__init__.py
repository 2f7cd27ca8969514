"""What curation needs beside the evidence itself."""

from apps.curation.models.answered import LONGEST_KEY, Answered
from apps.curation.models.assignment import Assignment
from apps.curation.models.autosave import Autosave
from apps.curation.models.discussion import LONGEST_COMMENT, Comment, Mention, Reading
from apps.curation.models.duplicates import Likeness
from apps.curation.models.grading import GRADED, LARGEST_SAMPLE, Agreement, Grading, Sample, SampledClaim
from apps.curation.models.merge import MERGED, Merge
from apps.curation.models.note import NameNote
from apps.curation.models.upload import Upload, UploadFile, UploadState

__all__ = [
    "GRADED",
    "LARGEST_SAMPLE",
    "LONGEST_COMMENT",
    "LONGEST_KEY",
    "MERGED",
    "Agreement",
    "Answered",
    "Assignment",
    "Autosave",
    "Comment",
    "Grading",
    "Likeness",
    "Mention",
    "Merge",
    "NameNote",
    "Reading",
    "Sample",
    "SampledClaim",
    "Upload",
    "UploadFile",
    "UploadState",
]
