package dev.understudy.flags;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A flag system that is polled, on the loopback: it can go down, come back on the same port, refuse, and fall silent. */
public abstract class HttpStub implements FlagServer {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String path;
    private int port;
    private HttpServer server;
    private CountDownLatch end = new CountDownLatch(1);
    private volatile int status = 200;

    /** @param path of the root of what it answers, from the slash on; may be empty */
    protected HttpStub(String path) throws IOException {
        this.path = path;
        this.server = listen();
    }

    @Override
    public URI uri() {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    @Override
    public void answerWith(int newStatus) {
        status = newStatus;
    }

    @Override
    public void goDown() {
        end.countDown();
        server.stop(0);
    }

    @Override
    public void comeBack() throws IOException {
        end = new CountDownLatch(1);
        server = listen();
    }

    @Override
    public void close() {
        goDown();
        threads.shutdownNow();
    }

    protected int status() {
        return status;
    }

    /** Answers one request, on a thread of its own. */
    protected abstract void answer(HttpExchange exchange) throws IOException;

    /** Leaves a request without an answer until the stub goes down. */
    protected void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpServer listen() throws IOException {
        HttpServer listening = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        port = listening.getAddress().getPort();
        listening.setExecutor(threads);
        listening.createContext("/", this::answer);
        listening.start();
        return listening;
    }
}
