package dev.understudy.flags.plan;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.ShellWord;
import java.net.URI;

/**
 * A call of a flag system's administration API, without the token that it needs.
 *
 * @param scheme what stands before the token in the header {@code Authorization}, with its blank; may be empty
 * @param contentType of the body; empty where there is no body
 */
public record ApiCall(String method, URI uri, String scheme, String contentType, String body) implements FlagStep {
    /** A call with a JSON body. */
    public static ApiCall json(String method, URI uri, String scheme, String body) {
        return new ApiCall(method, uri, scheme, "application/json", body);
    }

    @Override
    public String title() {
        return method + " " + uri;
    }

    /** The call, its body, and a command that makes it; that reads the token from its variable. */
    @Override
    public String text() {
        StringBuilder text = new StringBuilder(title()).append('\n');
        if (!body.isEmpty()) {
            text.append("Content-Type: ")
                    .append(contentType)
                    .append('\n')
                    .append(body)
                    .append('\n');
        }
        return text.append('\n').append(curl()).append('\n').toString();
    }

    /** For sh. The token is handed over by a pipe: arguments of a program are seen by everybody on the machine. */
    public String curl() {
        return "printf 'Authorization: " + scheme + "%s' \"$" + WriteToken.VARIABLE + "\" |\n"
                + "  curl --fail-with-body -H @- -X " + method
                + (body.isEmpty()
                        ? ""
                        : " -H " + ShellWord.quoted("Content-Type: " + contentType) + " -d " + ShellWord.quoted(body))
                + " "
                + ShellWord.quoted(uri.toString());
    }

    @Override
    public ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("method", method)
                .put("url", uri.toString())
                .put("contentType", contentType)
                .put("body", body)
                .put("curl", curl());
    }
}
