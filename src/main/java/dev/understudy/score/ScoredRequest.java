package dev.understudy.score;

import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.Request;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.VersionAnswer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What SCORE decided about a request, and what the version that served answered.
 *
 * @param answer of the version that served; where none could, a failure in the name of the version that was asked
 * @param modelFound whether any version could serve
 * @param targets what SHADOW is to compare; empty when nothing
 * @param epoch the latest epoch in force
 * @param queueNanos from the poll to the start of the model call
 * @param scoredAtMillis milliseconds since the epoch
 * @param flagsStaleSince since when the flags that decided may be out of date; null while they are fresh
 */
record ScoredRequest(
        Request request,
        RoutingDecision decision,
        VersionAnswer answer,
        boolean modelFound,
        List<ForkTarget> targets,
        long epoch,
        long queueNanos,
        long scoredAtMillis,
        @Nullable Instant flagsStaleSince) {}
