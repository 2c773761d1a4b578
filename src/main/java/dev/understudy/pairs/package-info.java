/** Pairs that a team logged by itself, evaluated without Kafka. */
@NullMarked
package dev.understudy.pairs;

import org.jspecify.annotations.NullMarked;
