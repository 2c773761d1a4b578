package dev.understudy.broker;

/** Why the embedded broker does not start, in a sentence that names the thing and what would be right. */
final class StartRefusedException extends Exception {
    StartRefusedException(String message) {
        super(message);
    }
}
