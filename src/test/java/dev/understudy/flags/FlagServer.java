package dev.understudy.flags;

import java.io.IOException;
import java.net.URI;

/** A flag system on the loopback, as a test may treat it. */
public interface FlagServer extends AutoCloseable {
    /** The address of its API. */
    URI uri();

    /** From now on flags are answered with this status; 200 sends them again. */
    void answerWith(int status);

    /** Cuts all connections and refuses new ones. */
    void goDown() throws IOException;

    /** Listens again, at the same address. */
    void comeBack() throws IOException;

    @Override
    void close() throws IOException;
}
