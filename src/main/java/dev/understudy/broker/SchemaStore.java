package dev.understudy.broker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * The schemas of the embedded registry: an append-only file, one JSON line for each version of a subject, on the disk
 * before anybody learns the id. A line that a kill cut short was never acknowledged and is dropped at the next start.
 *
 * <p>Two schemas are the same if their JSON is, after Avro has parsed and printed it (so white space does not count,
 * documentation does); the same schema has one id in all subjects.
 */
final class SchemaStore implements AutoCloseable {
    /** One schema under a subject. */
    record Version(String subject, int version, int id, Schema schema) {}

    private final FileChannel file;
    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, List<Version>> subjects = new TreeMap<>();
    private final Map<Integer, Schema> schemas = new TreeMap<>();
    private final Map<String, Integer> ids = new LinkedHashMap<>();

    private SchemaStore(FileChannel file) {
        this.file = file;
    }

    static SchemaStore open(Path path) throws IOException, StartRefusedException {
        SchemaStore store = new SchemaStore(
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        store.load(path);
        return store;
    }

    synchronized List<String> subjects() {
        return List.copyOf(subjects.keySet());
    }

    /** The versions of a subject, the oldest first; empty if there is no such subject. */
    synchronized List<Version> versions(String subject) {
        return List.copyOf(subjects.getOrDefault(subject, List.of()));
    }

    synchronized Optional<Schema> schema(int id) {
        return Optional.ofNullable(schemas.get(id));
    }

    /** Under which subjects and versions a schema is registered. */
    synchronized List<Version> uses(int id) {
        return subjects.values().stream()
                .flatMap(List::stream)
                .filter(version -> version.id() == id)
                .toList();
    }

    synchronized Optional<Version> find(String subject, Schema schema) {
        String text = schema.toString();
        return versions(subject).stream()
                .filter(version -> version.schema().toString().equals(text))
                .findFirst();
    }

    /** Decides whether a schema may follow the versions that its subject has; it throws if not. */
    interface Admission {
        void check(Schema schema, List<Version> earlier) throws RegistryException;
    }

    /** The version that the subject already has for the schema, else a new one, if {@code admission} lets it in. */
    synchronized Version register(String subject, Schema schema, Admission admission)
            throws IOException, RegistryException {
        Optional<Version> known = find(subject, schema);
        if (known.isPresent()) {
            return known.get();
        }
        List<Version> earlier = versions(subject);
        admission.check(schema, earlier);
        int id = ids.getOrDefault(schema.toString(), ids.size() + 1);
        Version version = new Version(subject, earlier.size() + 1, id, schema);
        append(version);
        add(version);
        return version;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void add(Version version) {
        subjects.computeIfAbsent(version.subject(), subject -> new ArrayList<>())
                .add(version);
        schemas.put(version.id(), version.schema());
        ids.put(version.schema().toString(), version.id());
    }

    private void append(Version version) throws IOException {
        String line = json.writeValueAsString(json.createObjectNode()
                        .put("subject", version.subject())
                        .put("version", version.version())
                        .put("id", version.id())
                        .put("schema", version.schema().toString()))
                + "\n";
        long before = file.size();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
            file.position(before);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        } catch (IOException e) {
            // What was not acknowledged must not come back at the next start.
            file.truncate(before);
            throw e;
        }
    }

    private void load(Path path) throws IOException, StartRefusedException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
        while (bytes.hasRemaining() && file.read(bytes) >= 0) {
            // The file is read whole.
        }
        byte[] content = bytes.array();
        int start = 0;
        int number = 1;
        for (int end = 0; end < content.length; end++) {
            if (content[end] == '\n') {
                add(parse(new String(content, start, end - start, StandardCharsets.UTF_8), path, number));
                start = end + 1;
                number++;
            }
        }
        if (start < content.length) {
            file.truncate(start);
        }
    }

    private Version parse(String line, Path path, int number) throws StartRefusedException {
        try {
            JsonNode node = json.readTree(line);
            String subject = node.path("subject").asText();
            int version = node.path("version").asInt();
            int id = node.path("id").asInt();
            if (id < 1 || version != versions(subject).size() + 1) {
                throw new StartRefusedException(damaged(path, number, "version or id out of sequence"));
            }
            Schema schema = new Schema.Parser().parse(node.path("schema").asText());
            return new Version(subject, version, id, schema);
        } catch (JsonProcessingException | AvroRuntimeException e) {
            throw new StartRefusedException(damaged(path, number, String.valueOf(e.getMessage())));
        }
    }

    private static String damaged(Path path, int number, String why) {
        return "line " + number + " of the registry's schemas " + path + " is damaged (" + why
                + "): restore the file, or start with another data directory";
    }
}
