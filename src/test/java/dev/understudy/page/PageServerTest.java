package dev.understudy.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.broker.Await;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagHealth;
import dev.understudy.kafka.StageHealth;
import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.TopicUnavailableException;
import dev.understudy.model.ModelState;
import dev.understudy.report.Board;
import dev.understudy.report.ProcessState;
import dev.understudy.report.ReportTopics;
import dev.understudy.report.TopicFollower;
import dev.understudy.shadow.Quarantined;
import dev.understudy.shadow.ShadowSupervisor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page over HTTP, spoken by hand so that a request can be anything. There is no broker. */
final class PageServerTest {
    private static final String SECRET = "0123456789abcdef-secret";

    private ProcessState process = state("RUNNING", Optional.empty());
    private final Board board = new Board();
    private PageServer page = start(Optional.empty());

    private static ProcessState state(String stage, Optional<String> failure) {
        return new ProcessState(
                List.of(new StageHealth(
                        "score", stage, failure, OptionalLong.of(7), OptionalLong.empty(), 2, Optional.empty())),
                Optional.of(new FlagHealth("file flags.yaml", Optional.empty(), Optional.empty(), 0)),
                Map.of("MISSING_FEATURE", 3L),
                List.of(
                        new ModelState(new ModelVersion("v1"), ModelState.Loading.LOADED, Optional.empty()),
                        new ModelState(new ModelVersion("v7"), ModelState.Loading.FAILED, Optional.of("no file"))),
                Optional.of(new ShadowSupervisor.Health(true, 1, Optional.of("signal 8"))),
                List.of(new Quarantined(new ModelVersion("v9"), Instant.EPOCH, 2, "it hung")),
                Optional.empty());
    }

    private PageServer start(Optional<PageSettings.Token> token) {
        return PageServer.start(new PageSettings("127.0.0.1", 0, token), board, () -> process, () -> "up 1\n");
    }

    private static <V> TopicReader<String, V> nowhere() {
        throw new TopicUnavailableException("no Kafka broker answered");
    }

    @AfterEach
    void close() {
        page.close();
    }

    private String raw(String... lines) {
        try (Socket socket = open(lines)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket open(String... lines) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), page.uri().getPort());
        socket.setSoTimeout(10_000);
        socket.getOutputStream()
                .write((String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    private String get(String path, String... headers) {
        List<String> lines = new ArrayList<>(List.of("GET " + path + " HTTP/1.1", "Host: 127.0.0.1"));
        lines.addAll(List.of(headers));
        return raw(lines.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/page.js", "/page.css", "/uplot/uPlot.iife.min.js", "/uplot/uPlot.min.css", "/icon.svg"})
    void files_of_the_page_are_served_with_headers_that_keep_other_content_out(String path) {
        assertThat(get(path))
                .startsWith("HTTP/1.1 200 OK")
                .contains("Content-Security-Policy: default-src 'none'; script-src 'self'")
                .contains("X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer")
                .doesNotContain("Server:", "Jetty");
    }

    @Test
    void every_script_that_one_imports_is_served() {
        for (String script : List.of("page.js", "charts.js", "details.js", "gates.js")) {
            get("/" + script).lines().filter(line -> line.startsWith("import ")).forEach(line -> {
                String imported = line.replaceAll(".*\"\\./(.*)\";", "$1");
                assertThat(get("/" + imported)).as(line).startsWith("HTTP/1.1 200 OK");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../../../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/page.css/../../understudy-defaults.yaml",
                "//etc/passwd",
                "/<script>alert(1)</script>",
                "/uplot/..%5c..%5cindex.html",
                "/uplot/..\\..\\etc\\passwd",
                "/%252e%252e/%252e%252e/etc/passwd",
                "/..;/etc/passwd",
                "/%c0%ae%c0%ae/etc/passwd",
                "http://127.0.0.1/../etc/passwd",
                "/page.css%00.js"
            })
    void paths_that_lead_elsewhere_are_refused_and_not_repeated(String path) {
        String answer = get(path);
        assertThat(answer).matches("(?s)HTTP/1.1 (400|404) .*").doesNotContain("root:", "passwd", "script>", "..");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"})
    void nothing_but_reading_is_possible(String method) {
        assertThat(raw(method + " /api/state HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 0"))
                .startsWith("HTTP/1.1 405")
                .contains("Allow: GET, HEAD");
    }

    @Test
    void a_name_that_only_leads_here_is_not_answered() {
        assertThat(raw("GET /api/state HTTP/1.1", "Host: evil.example"))
                .startsWith("HTTP/1.1 421")
                .doesNotContain("evil");
        assertThat(raw("GET /api/state HTTP/1.1", "Host: localhost:1")).startsWith("HTTP/1.1 200");
        assertThat(raw("GET /api/state HTTP/1.1", "Host: [::1]:1")).startsWith("HTTP/1.1 200");
        assertThat(raw("GET /healthz HTTP/1.1", "Host: 10.1.2.3:8080")).startsWith("HTTP/1.1 200");
    }

    @Test
    void with_a_token_only_who_gives_it_may_read() {
        page.close();
        page = start(Optional.of(new PageSettings.Token(SECRET)));
        String basic = Base64.getEncoder().encodeToString(("anybody:" + SECRET).getBytes(StandardCharsets.UTF_8));

        assertThat(get("/")).startsWith("HTTP/1.1 401").contains("WWW-Authenticate: Basic");
        assertThat(get("/api/state", "Authorization: Bearer " + SECRET + "x")).startsWith("HTTP/1.1 401");
        assertThat(get("/api/state", "Authorization: Basic !!!")).startsWith("HTTP/1.1 401");
        assertThat(get("/api/events", "Authorization: Bearer")).startsWith("HTTP/1.1 401");
        assertThat(get("/api/state", "Authorization: Bearer " + SECRET)).startsWith("HTTP/1.1 200");
        assertThat(get("/", "Authorization: Basic " + basic)).startsWith("HTTP/1.1 200");
        assertThat(raw("GET /api/state HTTP/1.1", "Host: page.example", "Authorization: Bearer " + SECRET))
                .startsWith("HTTP/1.1 200");
        assertThat(get("/healthz")).startsWith("HTTP/1.1 200");
    }

    @Test
    void other_machines_are_let_in_with_a_token_only() {
        assertThatThrownBy(() -> new PageSettings("0.0.0.0", 8080, Optional.empty()))
                .hasMessageContaining("page.token-file must be a file with a token, since page.host is '0.0.0.0'");
        assertThatThrownBy(() -> new PageSettings.Token("short-secret"))
                .hasMessageContaining("at least 16 characters")
                .hasMessageNotContaining("short-secret");
        assertThat(new PageSettings("0.0.0.0", 8080, Optional.of(new PageSettings.Token(SECRET))).toString())
                .doesNotContain(SECRET);
    }

    @Test
    void state_tells_of_this_process_and_why_the_topics_are_not_followed() throws IOException {
        ReportTopics unreachable =
                new ReportTopics(PageServerTest::nowhere, PageServerTest::nowhere, PageServerTest::nowhere);
        TopicFollower follower = TopicFollower.start(unreachable, board);
        Await.until(
                "the problem is on the page",
                Duration.ofSeconds(10),
                () -> get("/api/state").contains("no Kafka broker answered"));
        follower.close();
        JsonNode state = new ObjectMapper().readTree(get("/api/state").split("\r\n\r\n", 2)[1]);
        assertThat(state.path("process").path("stages").path(0).path("lag").asInt())
                .isEqualTo(7);
        assertThat(state.path("process").path("shadow").path("lastEnd").asText())
                .isEqualTo("signal 8");
        assertThat(state.path("process")
                        .path("quarantine")
                        .path(0)
                        .path("version")
                        .asText())
                .isEqualTo("v9");
        assertThat(state.path("decisions")).isEmpty();
    }

    @Test
    void probes_say_whether_the_process_should_be_left_alive_and_sent_to() {
        assertThat(get("/healthz")).startsWith("HTTP/1.1 200").endsWith("ok\n");
        assertThat(get("/readyz")).startsWith("HTTP/1.1 200").endsWith("ok\n");
        process = state("REBALANCING", Optional.empty());
        assertThat(get("/healthz")).startsWith("HTTP/1.1 200");
        assertThat(get("/readyz")).startsWith("HTTP/1.1 503").endsWith("score is REBALANCING\n");
        process = state("ERROR", Optional.of("the broker is gone"));
        assertThat(get("/healthz")).startsWith("HTTP/1.1 503").endsWith("score: the broker is gone\n");
    }

    @Test
    void events_bring_the_state_and_again_when_it_changes() throws IOException {
        try (Socket stream = open("GET /api/events HTTP/1.1", "Host: 127.0.0.1")) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(stream.getInputStream(), StandardCharsets.UTF_8));
            awaitData(lines, "\"lag\":7");
            process = state("PENDING_SHUTDOWN", Optional.empty());
            awaitData(lines, "PENDING_SHUTDOWN");
        }
    }

    private boolean isStreaming() {
        try (Socket stream = open("GET /api/events HTTP/1.1", "Host: 127.0.0.1")) {
            return new BufferedReader(new InputStreamReader(stream.getInputStream(), StandardCharsets.UTF_8))
                    .readLine()
                    .contains("200");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Other events may come first. */
    private static void awaitData(BufferedReader lines, String wanted) throws IOException {
        String data = nextData(lines);
        while (!data.contains(wanted)) {
            data = nextData(lines);
        }
    }

    private static String nextData(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (!line.startsWith("data: ")) {
            line = lines.readLine();
        }
        return line;
    }

    @Test
    void open_pages_are_bounded_and_make_room_when_they_go() throws IOException {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < EventStreams.MOST_READERS; i++) {
                Socket stream = open("GET /api/events HTTP/1.1", "Host: 127.0.0.1");
                open.add(stream);
                assertThat(nextData(new BufferedReader(
                                new InputStreamReader(stream.getInputStream(), StandardCharsets.UTF_8))))
                        .contains("decisions");
            }
            assertThat(get("/api/events")).startsWith("HTTP/1.1 503").contains("at most 32");
            assertThat(get("/api/state")).startsWith("HTTP/1.1 200");
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
        Await.until("a stream is open again", Duration.ofSeconds(30), () -> {
            process = state("RUNNING", Optional.of(Instant.now().toString())); // something to write, to find who left
            return isStreaming();
        });
    }

    @Test
    void who_sends_a_request_byte_by_byte_is_cut_off() throws IOException {
        try (Socket slow =
                new Socket(InetAddress.getLoopbackAddress(), page.uri().getPort())) {
            slow.getOutputStream().write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ".getBytes(StandardCharsets.UTF_8));
            // A byte every 20 ms is far from idle.
            Await.until(
                    "the connection is closed",
                    RequestDeadline.LIMIT.multipliedBy(2),
                    () -> !isOpenAfter(slow, (byte) 'x'));
        }
    }

    private static boolean isOpenAfter(Socket socket, byte sent) {
        try {
            socket.getOutputStream().write(sent);
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    @Test
    void a_port_that_is_taken_is_refused_by_its_key() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> PageServer.start(
                            new PageSettings("127.0.0.1", taken.getLocalPort(), Optional.empty()),
                            board,
                            () -> process,
                            () -> ""))
                    .hasMessageContaining("the page cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("page.port")
                    .hasMessageContaining("page.enabled to false");
        }
    }
}
