package dev.understudy.flags.plan;

import dev.understudy.flags.ServerSettings;

/**
 * What allows to change flags. It comes from the environment, so that it stands neither in files nor among a command's
 * arguments, and is never printed.
 */
public record WriteToken(String secret) {
    /** The variable of the environment that holds it. */
    public static final String VARIABLE = "UNDERSTUDY_FLAGS_WRITE_TOKEN";

    /** @throws IllegalArgumentException if it cannot be a header; the message does not show it */
    public WriteToken {
        if (!ServerSettings.isHeader(secret)) {
            throw new IllegalArgumentException(
                    VARIABLE + " must be a token, without blanks or line breaks (it is not shown here)");
        }
    }

    /** The text without the token, should it stand there. */
    String removedFrom(String text) {
        return text.replace(secret, "(token)");
    }

    @Override
    public String toString() {
        return "WriteToken[not shown]";
    }
}
