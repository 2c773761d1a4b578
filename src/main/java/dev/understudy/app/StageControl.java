package dev.understudy.app;

import dev.understudy.domain.DeclaredStage;
import java.util.Optional;

/** Declares and ends the rollout stage of one pair. Both throw an unchecked exception where the broker does not take it. */
interface StageControl {
    /** Declares a stage that begins now, in place of the one in force. */
    DeclaredStage declare(int percent);

    /** Ends the stage in force, and tells which; empty where there is none. */
    Optional<DeclaredStage> end();
}
