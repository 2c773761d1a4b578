package dev.understudy.page;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.fuzz.Fuzz;
import dev.understudy.report.Board;
import dev.understudy.report.ProcessState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Damaged HTTP: whatever comes, the connection ends, nothing but reading is answered, and the page goes on. */
final class PageFuzzTest {
    /** What is asked with, and never answered. */
    private static final String MARK = "reflected7";

    private static final int LONGEST = 1 << 16;
    private static final List<String> WORDS = List.of(
            "\r\n",
            "\r",
            "\n",
            "\0",
            " ",
            ":",
            "/",
            "..",
            "%2e",
            "%00",
            "%",
            "\\",
            "?",
            "#",
            "Host: 127.0.0.1\r\n",
            "Content-Length: 5\r\n",
            "Content-Length: -1\r\n",
            "Transfer-Encoding: chunked\r\n",
            "HTTP/2.0",
            "HTTP/0.9",
            "POST",
            "CONNECT",
            "TRACE",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "Expect: 100-continue\r\n",
            "Authorization: Basic %%%\r\n",
            "Upgrade: websocket\r\n",
            "http://evil.example/",
            "GET /api/state HTTP/1.1\r\n");

    private static String request(String first, String... headers) {
        return first + "\r\nHost: 127.0.0.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n\r\n";
    }

    /** The request was not answered, or with a status that says what is wrong with it. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    @Test
    void a_damaged_request_is_answered_or_refused_and_never_repeated() throws Exception {
        List<byte[]> good = Stream.of(
                        request("GET /" + MARK + " HTTP/1.1", "X-" + MARK + ": " + MARK),
                        request("GET / HTTP/1.1", "Accept: text/html"),
                        request("GET /api/state?" + MARK + " HTTP/1.1"),
                        request("HEAD /metrics HTTP/1.1", "Cookie: a=" + MARK),
                        request(
                                "GET /uplot/uPlot.min.css HTTP/1.1",
                                "If-None-Match: \"" + MARK + "\"",
                                "Range: bytes=0-1"),
                        request("POST /healthz HTTP/1.1", "Content-Length: 2", "", "{}"),
                        "GET /readyz HTTP/1.0\r\n\r\n")
                .map(text -> text.getBytes(ISO_8859_1))
                .toList();
        ProcessState process = new ProcessState(
                List.of(), Optional.empty(), Map.of(), List.of(), Optional.empty(), List.of(), Optional.empty());
        try (PageServer page = PageServer.start(
                new PageSettings("127.0.0.1", 0, Optional.empty()), new Board(), () -> process, () -> "up 1\n")) {
            Fuzz.of("HTTP request", good, WORDS, Set.of(RefusedException.class)).run(bytes -> send(page, bytes));
            send(page, request("GET /healthz HTTP/1.1").getBytes(ISO_8859_1));
        }
    }

    private static void send(PageServer page, byte[] bytes) throws Exception {
        String answer = answer(page, bytes);
        assertThat(answer).doesNotContain(MARK, "Exception", "Jetty", "jetty");
        if (answer.isEmpty()) {
            throw new RefusedException("the connection was closed");
        }
        assertThat(answer).startsWith("HTTP/1.1 ");
        String status = answer.substring(9, 12);
        // 501 and 505: encodings and versions of HTTP that are not spoken here.
        assertThat(status).matches("200|4..|501|505");
        if (!status.equals("200")) {
            throw new RefusedException(status);
        }
    }

    private static String answer(PageServer page, byte[] bytes) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), page.uri().getPort())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            return new String(socket.getInputStream().readNBytes(LONGEST), ISO_8859_1);
        } catch (SocketException closedWhileWriting) {
            return "";
        }
    }
}
