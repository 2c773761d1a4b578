package dev.understudy.flags.flagsmith;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.Answer;
import dev.understudy.flags.AnswerCache;
import dev.understudy.flags.Explanation;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.KnownFlags;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The flags of one document, with the answers given under them. A change makes a new one, so a question that needs several
 * flags never sees a mixture.
 */
final class FlagState {
    private final FlagDocument document;
    private final KnownFlags known;
    private final Evaluator evaluator;
    private final AnswerCache cache;
    private final Optional<String> redrawn;

    /** @param before the flags until now; null when these are the first */
    FlagState(FlagDocument document, FlagKeys keys, ModelVersion defaultVersion, @Nullable FlagState before)
            throws NoDocumentException {
        this.document = document;
        this.known = new KnownFlags(keys, defaultVersion, document.keys());
        this.evaluator = new Evaluator(document, keys);
        this.cache = new AnswerCache(AnswerCache.SLOTS, evaluator.sameForAll());
        this.redrawn = before == null
                ? Optional.empty()
                : document.redrawnSince(before.document)
                        .map(what -> what + " divides by another id than before, so entities have changed sides");
    }

    FlagDocument document() {
        return document;
    }

    KnownFlags known() {
        return known;
    }

    /** That percentages were drawn anew when these flags came, for people. */
    Optional<String> redrawn() {
        return redrawn;
    }

    Explanation explain(String entityId, Map<String, String> attributes) {
        return known.explain(entityId, evaluator.evaluate(entityId, attributes));
    }

    List<FlagDescription> describe() {
        return known.describe(
                key -> Objects.requireNonNull(document.descriptions().get(key), key));
    }

    Answer answer(String entityId, Map<String, String> attributes) {
        Answer remembered = cache.get(entityId, attributes);
        if (remembered != null) {
            return remembered;
        }
        Answer answer = known.route(entityId, evaluator.evaluate(entityId, attributes));
        cache.put(entityId, attributes, answer);
        return answer;
    }
}
