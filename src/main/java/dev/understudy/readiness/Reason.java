package dev.understudy.readiness;

/**
 * Why a verdict is what it is.
 *
 * @param code for programs
 * @param message for people
 */
public record Reason(String code, String message) {}
