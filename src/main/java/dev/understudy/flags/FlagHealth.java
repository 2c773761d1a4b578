package dev.understudy.flags;

import java.time.Instant;
import java.util.Optional;

/**
 * How the source of the flags is.
 *
 * @param source vendor and place, for people; no secrets
 * @param staleSince since when the answers may be out of date; empty while they are fresh
 * @param problem what is wrong, for people
 * @param unusableAnswers answers that could not be used since start
 */
public record FlagHealth(String source, Optional<Instant> staleSince, Optional<String> problem, long unusableAnswers) {}
