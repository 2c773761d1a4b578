package dev.understudy.evidence;

/** What became of the candidate on one request. The names are those of the Avro enum {@code ComparisonStatus}. */
public enum CandidateStatus {
    /** Both sides were asked; production may have failed. */
    COMPARED(0),
    /** The candidate failed to answer. */
    CANDIDATE_FAILED(1),
    /** The candidate ran out of time. */
    TIMED_OUT(2),
    /** The candidate was not asked, because it had failed too often. */
    QUARANTINED(3),
    /** The shadow path was behind and left the request out. */
    SHED(4);

    /** Place of the counter in evidence; part of the format. */
    final int slot;

    CandidateStatus(int slot) {
        this.slot = slot;
    }

    /** Whether the request would have gone unanswered, had the candidate been the one to answer it. */
    boolean isError() {
        return this == CANDIDATE_FAILED || this == TIMED_OUT || this == QUARANTINED;
    }
}
