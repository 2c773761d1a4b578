package dev.understudy.flags.file;

import dev.understudy.flags.file.FlagText.Block;
import dev.understudy.flags.file.FlagText.Entry;
import dev.understudy.flags.file.FlagText.Leaf;
import dev.understudy.flags.file.FlagText.Part;
import dev.understudy.flags.file.FlagText.Sequence;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Edits one flag in the text of a flag file; comments and all that is not to change stay as they are. */
final class FlagEdit {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");
    /** YAML takes them for something else than text. */
    private static final Set<String> WORDS = Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null");

    private record Change(int start, int end, String text) {}

    private final String text;
    private final boolean json;
    private final Part flag;
    private final List<Change> changes = new ArrayList<>();

    /** @param text that {@link FlagFile} has read */
    FlagEdit(String text, boolean json, String key) throws IOException {
        this.text = text;
        this.json = json;
        Block file = FlagText.read(text, json);
        this.flag = entry((Block) entry(file, "flags").orElseThrow().value(), key)
                .orElseThrow()
                .value();
    }

    /**
     * The text in which the flag divides those whom no target and no rule concerns like this.
     *
     * @param percent by version, 0 for one that is only to be named
     */
    String withShares(Map<String, BigDecimal> percent) {
        if (flag instanceof Leaf constant) {
            change(constant.start(), constant.end(), longForm(plain(constant), percent));
            return edited();
        }
        Block block = (Block) flag;
        Sequence variations =
                (Sequence) entry(block, "variations").orElseThrow().value();
        List<String> named =
                variations.items().stream().map(item -> plain((Leaf) item)).toList();
        percent.keySet().stream()
                .filter(version -> !named.contains(version))
                .forEach(version -> append(variations, name(version)));
        Optional<Entry> serve = entry(block, "serve");
        if (serve.isPresent()) {
            Leaf value = (Leaf) serve.get().value();
            change(serve.get().keyStart(), value.end(), key("rollout") + rollout(percent));
        } else {
            Block rollout = (Block) entry(block, "rollout").orElseThrow().value();
            for (Map.Entry<String, BigDecimal> share : percent.entrySet()) {
                Optional<Entry> there = entry(rollout, share.getKey());
                String value = share.getValue().toPlainString();
                if (there.isPresent()) {
                    Leaf old = (Leaf) there.get().value();
                    if (share.getValue().compareTo(new BigDecimal(plain(old))) != 0) {
                        change(old.start(), old.end(), value);
                    }
                } else if (share.getValue().signum() != 0) {
                    prepend(rollout, name(share.getKey()) + ": " + value);
                }
            }
        }
        return edited();
    }

    /** The text in which the flag is off. */
    String off() {
        if (flag instanceof Leaf constant) {
            String written = text.substring(constant.start(), constant.end());
            change(
                    constant.start(),
                    constant.end(),
                    "{" + key("on") + "false, " + key("variations") + "[" + written + "], " + key("serve") + written
                            + "}");
            return edited();
        }
        Block block = (Block) flag;
        Optional<Entry> on = entry(block, "on");
        if (on.isPresent()) {
            Leaf value = (Leaf) on.get().value();
            change(value.start(), value.end(), "false");
        } else {
            prepend(block, key("on") + "false");
        }
        return edited();
    }

    private String longForm(String constant, Map<String, BigDecimal> percent) {
        List<String> versions = new ArrayList<>(List.of(constant));
        percent.keySet().stream().filter(version -> !version.equals(constant)).forEach(versions::add);
        return "{" + key("variations")
                + versions.stream().map(this::name).collect(Collectors.joining(", ", "[", "]")) + ", "
                + key("rollout") + rollout(percent) + "}";
    }

    private String rollout(Map<String, BigDecimal> percent) {
        return percent.entrySet().stream()
                .filter(share -> share.getValue().signum() != 0)
                .map(share -> name(share.getKey()) + ": " + share.getValue().toPlainString())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** In front of the first key, so that no comment comes to stand at another line. */
    private void prepend(Block block, String entry) {
        Entry first = block.byKey().values().iterator().next();
        String separator = isFlow(block) ? ", " : lineEnd() + " ".repeat(column(first.keyStart()));
        change(first.keyStart(), first.keyStart(), entry + separator);
    }

    /** Behind the last item: the order of variations says who stands beside whom. */
    private void append(Sequence sequence, String item) {
        Leaf last = (Leaf) sequence.items().get(sequence.items().size() - 1);
        if (isFlow(sequence)) {
            change(last.end(), last.end(), ", " + item);
            return;
        }
        int dash = text.lastIndexOf('-', last.start() - 1);
        int end = text.indexOf('\n', last.end());
        boolean isLastLine = end < 0;
        int at = isLastLine ? text.length() : end + 1;
        String line = " ".repeat(column(dash)) + "- " + item;
        change(at, at, isLastLine ? lineEnd() + line : line + lineEnd());
    }

    private boolean isFlow(Part part) {
        return "{[".indexOf(text.charAt(part.start())) >= 0;
    }

    private int column(int at) {
        return at - (text.lastIndexOf('\n', at - 1) + 1);
    }

    private String lineEnd() {
        return text.contains("\r\n") ? "\r\n" : "\n";
    }

    private String key(String name) {
        return (json ? "\"" + name + "\"" : name) + ": ";
    }

    private String name(String version) {
        boolean bare = !json && PLAIN.matcher(version).matches() && !WORDS.contains(version.toLowerCase(Locale.ROOT));
        return bare ? version : "\"" + version + "\"";
    }

    /** Names of versions and numbers: no escapes to undo. */
    private String plain(Leaf leaf) {
        String written = text.substring(leaf.start(), leaf.end());
        boolean quoted = written.startsWith("\"") || written.startsWith("'");
        return quoted ? written.substring(1, written.length() - 1) : written;
    }

    private static Optional<Entry> entry(Block block, String key) {
        return Optional.ofNullable(block.byKey().get(key));
    }

    private void change(int start, int end, String replacement) {
        changes.add(new Change(start, end, replacement));
    }

    private String edited() {
        StringBuilder edited = new StringBuilder(text);
        // From the back, so that places stay; of those at one place the first comes to stand first.
        List<Change> backwards = new ArrayList<>(changes);
        Collections.reverse(backwards);
        backwards.sort(Comparator.comparingInt(Change::start).reversed());
        backwards.forEach(change -> edited.replace(change.start(), change.end(), change.text()));
        return edited.toString();
    }
}
