package dev.understudy.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.webjars.WebJarVersionLocator;

/** The page's files, read once: a path is looked up among these few and never becomes a path on disk. */
final class StaticFiles {
    private final Map<String, File> files = new LinkedHashMap<>();

    /** A file with its media type. */
    record File(String type, byte[] content) {}

    StaticFiles() {
        own("/", "index.html", "text/html; charset=utf-8");
        own("/page.css", "page.css", "text/css; charset=utf-8");
        own("/icon.svg", "icon.svg", "image/svg+xml");
        for (String script : new String[] {"page.js", "dom.js", "format.js", "gates.js", "charts.js", "details.js"}) {
            own("/" + script, script, "text/javascript; charset=utf-8");
        }
        chartLibrary("uPlot.iife.min.js", "text/javascript; charset=utf-8");
        chartLibrary("uPlot.min.css", "text/css; charset=utf-8");
    }

    Optional<File> at(String path) {
        return Optional.ofNullable(files.get(path));
    }

    private void own(String path, String name, String type) {
        files.put(path, new File(type, read("page/" + name)));
    }

    private void chartLibrary(String name, String type) {
        String resource = Objects.requireNonNull(
                new WebJarVersionLocator().fullPath("uplot", "dist/" + name),
                "the uplot WebJar is not on the class path");
        files.put("/uplot/" + name, new File(type, read(resource)));
    }

    private static byte[] read(String resource) {
        try (InputStream in = StaticFiles.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " cannot be read", e);
        }
    }
}
