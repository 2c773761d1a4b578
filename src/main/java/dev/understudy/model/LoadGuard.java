package dev.understudy.model;

import dev.understudy.domain.ModelVersion;

/** Stands around the loading of a version, which runs native code and tries the model. */
public interface LoadGuard {
    /** Loads are not guarded. */
    LoadGuard NONE = (version, load) -> load.run();

    /** Runs the load on this thread. */
    void load(ModelVersion version, Runnable load);
}
