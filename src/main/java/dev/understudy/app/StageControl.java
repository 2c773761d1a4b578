package dev.understudy.app;

import dev.understudy.domain.DeclaredStage;
import java.util.List;
import java.util.Optional;

/** Declares and ends the rollout stage of one pair. All throw an unchecked exception where the broker does not take it. */
interface StageControl {
    /** The stage of the pair that is in force. */
    Optional<DeclaredStage> inForce();

    /** Stages of the same model that are in force and declare that their candidate serves a share, but for the pair's. */
    List<DeclaredStage> servedBeside();

    /** Declares a stage that begins now, in place of the one in force. */
    DeclaredStage declare(int percent);

    /** Ends the stage in force, and tells which; empty where there is none. */
    Optional<DeclaredStage> end();
}
