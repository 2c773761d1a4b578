package dev.understudy.flags.flagsmith;

import dev.understudy.flags.HttpRefusal;

/** There is no environment document to be had, or none that can be used. */
final class NoDocumentException extends Exception {
    private static final long serialVersionUID = 1;

    private final String why;
    private final int status;

    NoDocumentException(String why) {
        this(why, 0);
    }

    private NoDocumentException(String why, int status) {
        super(why);
        this.why = why;
        this.status = status;
    }

    static NoDocumentException answered(int status) {
        return new NoDocumentException("HTTP " + status, status);
    }

    /** For people; it completes a sentence. */
    String why() {
        return why;
    }

    /** Whether the key was refused. */
    boolean isRefused() {
        return HttpRefusal.isOfCredential(status);
    }

    /** Whether asking again would be of no use until somebody changes a setting, here or there. */
    boolean isLasting() {
        return HttpRefusal.isLasting(status);
    }
}
