package dev.understudy.evaluate;

import dev.understudy.evidence.PairEvidence;
import java.util.Map;

/**
 * What the snapshots of a slot add up to.
 *
 * @param origins covered, by partition of comparisons
 */
record MergedEvidence(PairEvidence evidence, Map<Integer, OriginRanges> origins, Dropped dropped) {}
