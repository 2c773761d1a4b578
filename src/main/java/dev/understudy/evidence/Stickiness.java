package dev.understudy.evidence;

/**
 * Whether entities stay with their version.
 *
 * @param sampled entities watched: those with the smallest hashes
 * @param violations of them, those served by production after the candidate had served them. The other direction is how
 *     a rollout begins
 */
public record Stickiness(long sampled, long violations) {}
