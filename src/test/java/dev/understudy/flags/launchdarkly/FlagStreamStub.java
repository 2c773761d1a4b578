package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.FlagServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Speaks LaunchDarkly's streaming protocol on the loopback: {@code GET /all} answered by {@code put}, then {@code patch}
 * and {@code delete}. Takes everything else that comes too, and keeps it, so that a test can see what left the process.
 */
final class FlagStreamStub implements FlagServer {
    /** One request as it came. */
    record Received(String line, Map<String, String> headers, String body) {}

    private final Map<String, String> flags = new LinkedHashMap<>();
    private final Map<String, String> segments = new LinkedHashMap<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<Socket> streams = new ArrayList<>();
    private final int port;
    private ServerSocket server;
    private int status = 200;
    private boolean silent;

    FlagStreamStub() throws IOException {
        this.server = listen(0);
        this.port = server.getLocalPort();
        serve(server);
    }

    @Override
    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    List<Received> received() {
        return List.copyOf(received);
    }

    @Override
    public synchronized void answerWith(int newStatus) {
        status = newStatus;
    }

    /** Connections are taken and never answered. */
    synchronized void fallSilent() {
        silent = true;
    }

    /** Replaces all flags and tells everybody. */
    synchronized void put(Map<String, String> all) {
        flags.clear();
        flags.putAll(all);
        broadcast("put", putData());
    }

    synchronized void putSegment(String key, String json) {
        segments.put(key, json);
        broadcast("patch", "{\"path\":\"/segments/" + key + "\",\"data\":" + json + "}");
    }

    synchronized void patch(String key, String json) {
        flags.put(key, json);
        broadcast("patch", "{\"path\":\"/flags/" + key + "\",\"data\":" + json + "}");
    }

    synchronized void delete(String key, int version) {
        flags.remove(key);
        broadcast("delete", "{\"path\":\"/flags/" + key + "\",\"version\":" + version + "}");
    }

    /** Sends what is no event of LaunchDarkly's. */
    synchronized void garble() {
        broadcast("put", "{\"path\":\"/\",\"data\":{\"flags\":[[[");
    }

    @Override
    public synchronized void goDown() throws IOException {
        server.close();
        dropConnections();
    }

    synchronized void dropConnections() throws IOException {
        for (Socket stream : streams) {
            stream.close();
        }
        streams.clear();
    }

    @Override
    public synchronized void comeBack() throws IOException {
        server = listen(port);
        serve(server);
    }

    @Override
    public void close() throws IOException {
        goDown();
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    private void serve(ServerSocket from) {
        start(() -> {
            while (true) {
                Socket socket = from.accept();
                start(() -> answer(socket));
            }
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // The test or the client closed the socket; what was received is what counts.
                    }
                },
                "flag-stream-stub");
        thread.setDaemon(true);
        thread.start();
    }

    private void answer(Socket socket) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        String line = in.readLine();
        if (line == null) {
            return;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header = in.readLine(); header != null && !header.isEmpty(); header = in.readLine()) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        char[] body = new char[Integer.parseInt(headers.getOrDefault("content-length", "0"))];
        int length = 0;
        while (length < body.length) {
            int read = in.read(body, length, body.length - length);
            if (read < 0) {
                break;
            }
            length += read;
        }
        synchronized (this) {
            received.add(new Received(line, headers, new String(body, 0, length)));
            if (silent) {
                streams.add(socket);
            } else if (!line.startsWith("GET /all")) {
                write(socket, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                socket.close();
            } else if (status != 200) {
                write(socket, "HTTP/1.1 " + status + " No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                socket.close();
            } else {
                streams.add(socket);
                write(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
                write(socket, event("put", putData()));
            }
        }
    }

    private String putData() {
        return "{\"path\":\"/\",\"data\":{\"flags\":" + object(flags) + ",\"segments\":" + object(segments) + "}}";
    }

    private static String object(Map<String, String> items) {
        List<String> fields = new ArrayList<>();
        items.forEach((key, json) -> fields.add("\"" + key + "\":" + json));
        return "{" + String.join(",", fields) + "}";
    }

    private static String event(String name, String data) {
        return "event: " + name + "\ndata: " + data + "\n\n";
    }

    private void broadcast(String name, String data) {
        streams.removeIf(stream -> {
            try {
                write(stream, event(name, data));
                return false;
            } catch (IOException gone) {
                return true;
            }
        });
    }

    private static void write(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
