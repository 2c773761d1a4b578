package dev.understudy.page;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where the page listens, and who may read it.
 *
 * @param host name or address to bind
 * @param port 0 for any free one
 * @param token that readers have to give; without it only this machine may read
 */
public record PageSettings(String host, int port, Optional<Token> token) {
    public PageSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("page.port must be 0 (any free port) to 65535, was " + port);
        }
        if (token.isEmpty() && !isLoopback(host)) {
            throw new IllegalArgumentException("page.token-file must be a file with a token, since page.host is '"
                    + host + "', which other machines can reach; without a token use 127.0.0.1");
        }
    }

    /** The host as it stands in URLs and in the header Host. */
    String hostInUrl() {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    "page.host must be the name or address of this machine, was '" + host + "', which is unknown", e);
        }
    }

    /** A secret that is never printed. */
    public record Token(String secret) {
        private static final int SHORTEST = 16;

        public Token {
            if (secret.getBytes(StandardCharsets.UTF_8).length < SHORTEST) {
                throw new IllegalArgumentException("page.token-file must hold a token of at least " + SHORTEST
                        + " characters (it is not shown here), such as `openssl rand -hex 32` makes");
            }
        }

        @Override
        public String toString() {
            return "Token[not shown]";
        }
    }
}
