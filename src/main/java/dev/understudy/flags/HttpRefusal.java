package dev.understudy.flags;

/** What an answer of HTTP that is no success says of asking again. */
public final class HttpRefusal {
    private HttpRefusal() {}

    /** Whether the credential was refused. */
    public static boolean isOfCredential(int status) {
        return status == 401 || status == 403;
    }

    /** Whether asking again would be of no use until somebody changes a setting, here or there. */
    public static boolean isLasting(int status) {
        return status >= 300 && status < 500 && status != 408 && status != 425 && status != 429;
    }
}
