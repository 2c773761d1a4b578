package dev.understudy.model;

import dev.understudy.domain.Features;
import dev.understudy.domain.ModelVersion;
import java.util.BitSet;
import java.util.List;

/** A loaded version of a model. Safe to use from several threads. */
public interface BatchScorer extends AutoCloseable {
    ModelVersion version();

    /** Lower-case hexadecimal SHA-256 of the model file. */
    String sha256();

    /** Inputs, outputs and task, as read from the file and the card. */
    ModelSignature signature();

    /**
     * Scores the rows in one call where the model allows. A row that does not fit the signature fails alone; a failed
     * call fails every row of it. Never throws for what a row or a model did.
     */
    ScoredBatch score(List<? extends Features> rows);

    /** Which of the rows fit the signature, found without a model call. */
    BitSet fitting(List<? extends Features> rows);

    /**
     * Asks the call that this thread is making, if it makes one, to end: it fails then. A single operator of the model
     * ends only when it has done its work. Called from other threads.
     */
    void endCallOf(Thread caller);

    @Override
    void close();
}
