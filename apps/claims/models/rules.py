"""The rules of a claim that a CHECK can't hold: how it passes from state to state, and what is then kept."""

from __future__ import annotations

import pgtrigger

from apps.claims.models import grading
from apps.claims.models.choices import LADDER, TRANSITIONS
from apps.records import triggers
from apps.records.models import Kind
from apps.terms.models import NameKind, takes_names

# What a reader takes for the claim; frozen once the version leaves the state of draft.
CONTENT = (
    *("preparation_id", "key", "cargo_id", "aspect", "effect", "outcome", "edge", "disease_id", "recipient_id"),
    *("models_used", "statement", "locator", "validation", *LADDER, "level_override", "level_override_reason"),
)

# What a derived index holds of a claim, and by what it finds it.
FOUND_BY = (
    *("state", "search", "preparation_id", "cargo_id", "aspect", "effect", "edge", "disease_id", "recipient_id"),
    *("models_used", "level", "accepted_at"),
)

# What changes although it is frozen: a merge says that two records are one, and nothing of what the claim says.
MERGES = {
    "cargo_id": triggers.moved_by_merge("vesicles_cargo", "cargo_id"),
    # The study that comes may have a claim c1, too.
    "key": """EXISTS (
        SELECT FROM vesicles_preparation made JOIN studies_study study ON study.id = made.study_id
        JOIN records_accession gone ON gone.accession = study.accession
        WHERE made.id = NEW.preparation_id AND gone.merged_into_id IS NOT NULL)""",
}

TRIGGERS = [
    *triggers.accession(Kind.CLAIM, first="NEW.version = 1"),
    triggers.refuse(
        "claim_starts_as_draft",
        "A claim starts as a draft.",
        on=pgtrigger.Insert,
        condition=pgtrigger.Q(new__state__df="draft"),
    ),
    triggers.check(
        "claim_revises_one_that_was_accepted",
        on=pgtrigger.Insert | pgtrigger.UpdateOf("preparation_id"),
        sql="""NEW.version > 1 AND NOT EXISTS (
                    SELECT FROM claims_claim before JOIN vesicles_preparation made ON made.id = before.preparation_id
                    WHERE before.accession = NEW.accession AND before.version < NEW.version
                    AND before.accepted_at IS NOT NULL
                    AND made.study_id = (SELECT study_id FROM vesicles_preparation WHERE id = NEW.preparation_id))""",
        message="A revision has the accession and the study of a claim that was accepted.",
    ),
    triggers.check(
        "claim_key_once_per_study",
        on=pgtrigger.Insert | pgtrigger.UpdateOf("preparation_id", "key"),
        # Two writers at once would not see each other's key.
        first="""PERFORM FROM studies_study
                    WHERE id = (SELECT study_id FROM vesicles_preparation WHERE id = NEW.preparation_id)
                    FOR NO KEY UPDATE;""",
        sql="""EXISTS (
                    SELECT FROM claims_claim other
                    JOIN vesicles_preparation theirs ON theirs.id = other.preparation_id
                    JOIN vesicles_preparation ours ON ours.id = NEW.preparation_id AND ours.study_id = theirs.study_id
                    WHERE other.key = NEW.key AND other.accession <> NEW.accession)""",
        message="Another claim of this study has that key.",
    ),
    triggers.check(
        "claim_keeps_study",
        on=pgtrigger.UpdateOf("preparation_id"),
        # A merge of studies moves their preparations, and no claim from one preparation to another.
        sql="""(SELECT study_id FROM vesicles_preparation WHERE id = OLD.preparation_id)
            IS DISTINCT FROM (SELECT study_id FROM vesicles_preparation WHERE id = NEW.preparation_id)""",
        message="A claim never changes its study: write it anew with the other.",
    ),
    pgtrigger.Trigger(
        name="claim_notes_submission",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.state <> 'submitted' AND NEW.state = 'submitted'"),
        func="NEW.submitted_at = now(); RETURN NEW;",
    ),
    triggers.check(
        "claim_basis_is_a_version_of_it",
        on=pgtrigger.Insert | pgtrigger.UpdateOf("basis_id"),
        sql="""NEW.basis_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM claims_claim before WHERE before.id = NEW.basis_id
                    AND before.accession = NEW.accession AND before.accepted_at IS NOT NULL)""",
        message="A revision is written against a version of the same claim that was accepted.",
    ),
    triggers.refuse(
        "claim_state_changes_legally",
        "A claim can't go from that state to this one.",
        on=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "(OLD.state <> NEW.state AND NOT ("
            + " OR ".join(
                f"OLD.state = '{old}' AND NEW.state IN ({', '.join(repr(str(new)) for new in to)})"
                for old, to in TRANSITIONS.items()
                if to
            )
            + "))"
        ),
    ),
    triggers.refuse(
        "claim_accepted_after_review",
        "A draft is accepted after review by a second person, or as part of a release.",
        on=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "(OLD.state = 'draft' AND NEW.state = 'accepted' AND NEW.accepted_with_id IS NULL)"
        ),
    ),
    pgtrigger.Trigger(
        name="claim_accepted_by_decision",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("OLD.accepted_by_id IS NULL AND NEW.accepted_by_id IS NOT NULL"),
        # At the end of the transaction, when all that belongs to the decision is written.
        func="""IF NOT EXISTS (
                    SELECT FROM claims_decision
                    WHERE claim_id = NEW.id AND by_id = NEW.accepted_by_id AND verdict = 'accepted'
                ) THEN """
        + triggers.refusal(
            "claim_accepted_by_decision", "A claim is accepted by a decision, with a statement of interests."
        )
        + " END IF; RETURN NULL;",
    ),
    triggers.check(
        "claim_accepted_with_open_release",
        on=pgtrigger.Insert | pgtrigger.UpdateOf("accepted_with_id"),
        first="PERFORM FROM claims_release WHERE id = NEW.accepted_with_id FOR SHARE;",
        sql="""NEW.accepted_with_id IS DISTINCT FROM (CASE WHEN TG_OP = 'UPDATE' THEN OLD.accepted_with_id END)
            AND EXISTS (SELECT FROM claims_release WHERE id = NEW.accepted_with_id AND closed_at IS NOT NULL)""",
        message="That release is closed: a claim is accepted after review by a second person.",
    ),
    takes_names("claim_names_of_their_kind", disease=NameKind.DISEASE, recipient=NameKind.RECIPIENT),
    triggers.check(
        "claim_models_once",
        on=pgtrigger.Insert | pgtrigger.UpdateOf("models_used"),
        sql="cardinality(NEW.models_used) <> (SELECT count(*) FROM (SELECT DISTINCT unnest(NEW.models_used)) once)",
        message="A claim names each model once.",
    ),
    triggers.fixed(
        "claim_not_edited_in_place",
        "Only a draft can be edited: an accepted claim is changed by a revision.",
        CONTENT,
        when="OLD.state <> 'draft'",
        unless=MERGES,
    ),
    grading.as_computed(),
    triggers.fixed(
        "claim_keeps_origin",
        "Who wrote a version of a claim, and when, is kept.",
        ["author_id", "version", "written_at"],
    ),
    triggers.fixed(
        "claim_keeps_acceptance",
        "Who accepted a claim, and when, is kept.",
        ["accepted_at", "accepted_by_id", "accepted_with_id"],
        when="OLD.accepted_at IS NOT NULL",
    ),
    triggers.fixed(
        "claim_keeps_departure",
        "When and why a claim was rejected, withdrawn or superseded is kept.",
        ["left_at", "state_reason"],
        when="OLD.state IN ('rejected', 'withdrawn', 'superseded')",
    ),
    triggers.told("claim", on=pgtrigger.Update, columns=FOUND_BY, when="'accepted' IN (earlier.state, later.state)"),
    triggers.refuse(
        "claim_only_drafts_deleted",
        "Only a draft can be deleted.",
        on=pgtrigger.Delete,
        condition=pgtrigger.Q(old__state__df="draft"),
    ),
]
