package dev.understudy.evidence;

/**
 * A request that SCORE answered and forked for the pair.
 *
 * @param byFlag whether the flag decided; false for a fallback or the kill switch
 */
public record ExposureObservation(long entityHash, long eventTimeMillis, Arm served, boolean byFlag) {}
