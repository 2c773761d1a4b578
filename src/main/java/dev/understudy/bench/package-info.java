/**
 * What the pipeline costs, beside its peers: the tightest loop that does the same, the smallest Kafka Streams topology, and
 * what most people would write. Peers use their third parties directly, since that is what they are.
 */
@NullMarked
package dev.understudy.bench;

import org.jspecify.annotations.NullMarked;
