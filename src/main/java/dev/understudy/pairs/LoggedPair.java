package dev.understudy.pairs;

import dev.understudy.evidence.Answer;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.Truth;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two versions' answers to one request, as a team logged them.
 *
 * @param timeMillis when the request was made, milliseconds since 1970
 * @param batch names the like-for-like batch that both calls belong to; null where the row is in none
 * @param served whose answer the caller got
 * @param outcome what really happened; null where it is not known
 */
public record LoggedPair(
        String entityId,
        long timeMillis,
        Map<String, String> attributes,
        Answer production,
        Answer candidate,
        boolean productionTimedOut,
        boolean candidateTimedOut,
        @Nullable String batch,
        Arm served,
        @Nullable Truth outcome) {}
