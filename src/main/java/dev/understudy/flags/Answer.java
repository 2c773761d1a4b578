package dev.understudy.flags;

/**
 * A routing with what went wrong on the way to it.
 *
 * @param unusable how many of the flags' answers could not be used
 */
public record Answer(Routing routing, int unusable) {}
