package dev.understudy.model;

import dev.understudy.domain.ModelVersion;
import java.util.List;
import java.util.Optional;

/** The versions of one model, loaded on demand. Safe to use from several threads. */
public interface ModelRepository extends AutoCloseable {
    /** Name of the model: the folder's name. */
    String model();

    /** Versions on disk, sorted. */
    List<ModelVersion> versions();

    /** Loads and warms the version, waiting for it. */
    BatchScorer load(ModelVersion version) throws ModelException;

    /**
     * The version if it is warm. Otherwise empty, and loading begins in the background; a version that failed to load
     * is tried again after a while.
     */
    Optional<BatchScorer> ifReady(ModelVersion version);

    /** Why the version failed to load when it was last tried. */
    Optional<String> failure(ModelVersion version);

    @Override
    void close();
}
