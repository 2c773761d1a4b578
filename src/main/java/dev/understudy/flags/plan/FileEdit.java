package dev.understudy.flags.plan;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * A file that gets another text; what is not to change in it stands there as before.
 *
 * @param before the text that it must have, or it was changed meanwhile
 */
public record FileEdit(Path file, String before, String after) implements FlagStep {
    @Override
    public String title() {
        return "edit " + file;
    }

    @Override
    public String text() {
        return UnifiedDiff.of(file.toString(), before, after);
    }

    @Override
    public ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("file", file.toString())
                .put("diff", text())
                .put("text", after);
    }
}
