package dev.understudy.domain;

import java.util.Collection;
import java.util.Optional;

/** The rollout stages in force. Pipeline stages read it; what feeds it is not their concern. */
public interface StageBook {
    /** The stage declared for the pair, or empty: then it is in shadow, epoch 0. */
    Optional<DeclaredStage> current(ModelPair pair);

    /**
     * The stage that was declared for the pair with that epoch, whether or not it is still in force; empty for epoch 0 and
     * where it is not known any more. Waits until everything is known that had been declared before a record could carry
     * that epoch.
     */
    Optional<DeclaredStage> declared(ModelPair pair, long epoch);

    /** All stages in force, one per pair. */
    Collection<DeclaredStage> all();

    /** The highest epoch declared so far; 0 when none was. */
    long latestEpoch();
}
