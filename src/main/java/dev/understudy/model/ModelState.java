package dev.understudy.model;

import dev.understudy.domain.ModelVersion;
import java.util.Optional;

/**
 * How a version of the model is in this process. Versions that nobody has asked for have no state.
 *
 * @param problem why it cannot be loaded, where it could not the last time
 */
public record ModelState(ModelVersion version, Loading loading, Optional<String> problem) {
    /** How far it is. */
    public enum Loading {
        /** Ready to score. */
        LOADED,
        /** Being read and warmed up. */
        IN_PROGRESS,
        /** Not usable; tried again later. */
        FAILED
    }
}
