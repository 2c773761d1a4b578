package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import dev.understudy.domain.StageBook;
import java.util.HashMap;
import java.util.Map;

/** The keys of all pairs and epochs that a partition has met, found by what stands in a record. */
final class PairKeysBook {
    private final EvaluateSettings settings;
    private final StageBook stages;
    private final Map<PairText, PairKeys> keys = new HashMap<>();

    /** A pair and its epoch as they stand in a record. */
    private record PairText(String model, String production, String candidate, long epoch) {}

    PairKeysBook(EvaluateSettings settings, StageBook stages) {
        this.settings = settings;
        this.stages = stages;
    }

    /** Waits for the declaration of an epoch that is not known yet: evidence is measured against its references. */
    PairKeys of(String model, String production, String candidate, long epoch) {
        PairText text = new PairText(model, production, candidate, epoch);
        PairKeys known = keys.get(text);
        if (known == null) {
            ModelPair pair = Observations.pair(model, production, candidate);
            known = new PairKeys(pair, epoch, settings.shapeOf(stages.declared(pair, epoch)));
            keys.put(text, known);
        }
        return known;
    }

    PairKeys of(ModelPair pair, long epoch) {
        return of(pair.model(), pair.production().name(), pair.candidate().name(), epoch);
    }

    void forgetWindow(EvidenceSlot slot) {
        of(slot.pair(), slot.epoch()).forgetWindow(slot.kind(), slot.windowStart());
    }

    void forget(ModelPair pair, long epoch) {
        keys.values().removeIf(known -> known.epoch() == epoch && known.pair().equals(pair));
    }
}
