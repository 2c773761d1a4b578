package dev.understudy.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network between clients and one port of this machine that can be cut. */
final class CutProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Object lock = new Object();
    private boolean silent;
    private boolean refusing;
    private boolean closed;

    /** Listens on that port of 127.0.0.1; the target need not be up yet. */
    CutProxy(int port, int targetPort) throws IOException {
        this.listening = new ServerSocket();
        listening.setReuseAddress(true);
        listening.bind(new InetSocketAddress(Ports.loopback(), port));
        this.target = new InetSocketAddress(Ports.loopback(), targetPort);
        thread("accept", this::accept);
    }

    /** From now on nothing passes, and nobody is told: as behind a firewall that drops. */
    void fallSilent() {
        synchronized (lock) {
            silent = true;
        }
    }

    /** Ends all connections; new ones are ended at once. */
    void refuse() {
        synchronized (lock) {
            refusing = true;
        }
        open.forEach(CutProxy::end);
    }

    /** Lets everything pass again, also what was held back. */
    void heal() {
        synchronized (lock) {
            silent = false;
            refusing = false;
            lock.notifyAll();
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listening.accept();
                if (isRefusing()) {
                    end(client);
                    continue;
                }
                Socket server = new Socket();
                open.add(client);
                open.add(server);
                thread("connect", () -> connect(client, server));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private boolean isRefusing() {
        synchronized (lock) {
            return refusing;
        }
    }

    private void connect(Socket client, Socket server) {
        try {
            awaitPassage();
            server.connect(target);
            thread("back", () -> pump(server, client));
            pump(client, server);
        } catch (IOException e) {
            forget(client, server);
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitPassage();
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // The connection ended; so does its other half.
        } finally {
            forget(from, to);
        }
    }

    private void awaitPassage() throws IOException {
        synchronized (lock) {
            while (silent && !closed) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        }
    }

    private void forget(Socket one, Socket other) {
        end(one);
        end(other);
        open.remove(one);
        open.remove(other);
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    private void thread(String what, Runnable task) {
        Thread thread = new Thread(task, "cut-proxy-" + listening.getLocalPort() + "-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        open.forEach(CutProxy::end);
    }
}
