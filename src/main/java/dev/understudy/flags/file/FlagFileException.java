package dev.understudy.flags.file;

/** The content of a flag file cannot be used. The message begins with the place and says what would be right. */
final class FlagFileException extends Exception {
    private static final long serialVersionUID = 1;

    FlagFileException(Place place, String message) {
        super(place + ": " + message);
    }
}
