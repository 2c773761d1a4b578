package dev.understudy.flags.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.FileProblem;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.WholeFile;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.launchdarkly.EmbeddedFlags;
import dev.understudy.flags.launchdarkly.RolloutShares;
import dev.understudy.flags.plan.FileEdit;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagStep;
import dev.understudy.flags.plan.FlagWriteException;
import dev.understudy.flags.plan.FlagWriter;
import dev.understudy.flags.plan.ShareCheck;
import dev.understudy.flags.plan.ShareProbe;
import dev.understudy.flags.plan.Shares;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Edits the flag file. Before an edit is planned its result has been read like any flag file, found to differ in nothing
 * but what was wanted, and has routed.
 */
public final class FileFlagWriter implements FlagWriter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final FlagKeys keys;
    private final ModelVersion defaultVersion;

    public FileFlagWriter(Path path, FlagKeys keys, ModelVersion defaultVersion) {
        this.path = path;
        this.keys = keys;
        this.defaultVersion = defaultVersion;
    }

    @Override
    public FlagPlan plan(FlagChange change) throws FlagPlanException {
        String before = text();
        Map<String, String> definitions = read(before);
        try {
            FlagEdit edit = new FlagEdit(before, FileFlags.isJson(path), change.key());
            return change instanceof FlagChange.Share share
                    ? share(share, before, definitions, edit)
                    : kill((FlagChange.Kill) change, before, definitions, edit);
        } catch (IOException | ClassCastException e) {
            throw refusal(change, "its parts are not where they are expected");
        }
    }

    private FlagPlan share(FlagChange.Share change, String before, Map<String, String> definitions, FlagEdit edit)
            throws FlagPlanException {
        JsonNode old = serving(definitions, change.key());
        if (!old.path("on").booleanValue()) {
            throw new FlagPlanException(
                    "flag '" + change.key() + "' in " + path + " is off, so that its shares count for"
                            + " nobody; edit it by hand: give it the shares that you want, then set on: true");
        }
        Shares now = shares(old);
        boolean isAsWanted = now.fulfil(change);
        String after = isAsWanted ? before : edit.withShares(now.after(change));
        Map<String, String> edited = edited(change, after);
        JsonNode fresh = serving(edited, change.key());
        Shares then = shares(fresh);
        FlagPlan plan = FlagPlan.of(change, place(), now, then, steps(before, after));
        requireSame(definitions, edited, change.key(), plan, "fallthrough");
        requireShares(plan, now.after(change));
        ShareCheck check = ShareCheck.of(plan, probe(definitions), probe(edited));
        if (!check.isRight() && plan.moved().isEmpty()) {
            throw refusal(plan.change(), String.join("; ", check.problems()));
        }
        return plan;
    }

    private FlagPlan kill(FlagChange.Kill change, String before, Map<String, String> definitions, FlagEdit edit)
            throws FlagPlanException {
        JsonNode old = serving(definitions, change.key());
        String after = old.path("on").booleanValue() ? edit.off() : before;
        Map<String, String> edited = edited(change, after);
        FlagPlan plan = new FlagPlan(
                change, place(), Optional.of(shares(old)), Optional.empty(), List.of(), steps(before, after));
        requireSame(definitions, edited, change.key(), plan, "on");
        if (!probe(edited).isKilled()) {
            throw refusal(plan.change(), "it would not be off");
        }
        return plan;
    }

    private List<FlagStep> steps(String before, String after) {
        return before.equals(after) ? List.of() : List.of(new FileEdit(path, before, after));
    }

    @Override
    public void apply(FlagPlan plan) throws FlagWriteException {
        for (FlagStep step : plan.steps()) {
            FileEdit edit = (FileEdit) step;
            if (!(Sighting.of(path) instanceof Sighting.Content content)
                    || !content.text().equals(edit.before())) {
                throw new FlagWriteException(
                        FlagWriteException.Outcome.OUTDATED,
                        "nothing was changed: " + path + " was changed by others meanwhile; plan again",
                        null);
            }
            try {
                WholeFile.write(path.toRealPath(), edit.after()); // a link stays a link
            } catch (IOException e) {
                throw new FlagWriteException(
                        "nothing was changed: " + path + " cannot be replaced: " + FileProblem.of(path, e), e);
            }
        }
    }

    @Override
    public Duration propagation() {
        FileFlagSettings settings = FileFlagSettings.of(path);
        return settings.pollInterval().multipliedBy(2).plus(settings.settle());
    }

    private String place() {
        return "file " + path;
    }

    private String text() throws FlagPlanException {
        Sighting seen = Sighting.of(path);
        if (seen instanceof Sighting.Content content) {
            return content.text();
        }
        throw new FlagPlanException("flag file " + path + " " + ((Sighting.Unreadable) seen).why());
    }

    private Map<String, String> read(String text) throws FlagPlanException {
        try {
            return new FlagFile(keys, defaultVersion).read(text, FileFlags.isJson(path));
        } catch (FlagFileException e) {
            throw new FlagPlanException("flag file " + path + ", " + e.getMessage(), e);
        }
    }

    private Map<String, String> edited(FlagChange change, String text) throws FlagPlanException {
        try {
            return new FlagFile(keys, defaultVersion).read(text, FileFlags.isJson(path));
        } catch (FlagFileException e) {
            throw refusal(change, "the edited file would be wrong, " + e.getMessage());
        }
    }

    private static JsonNode serving(Map<String, String> definitions, String key) {
        try {
            return JSON.readTree(Objects.requireNonNull(definitions.get(key), key));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the definition of " + key + " is no JSON", e);
        }
    }

    private static Shares shares(JsonNode definition) {
        List<String> versions = new ArrayList<>();
        definition.path("variations").forEach(version -> versions.add(version.asText()));
        return RolloutShares.of(definition.path("fallthrough"), versions);
    }

    private ShareProbe probe(Map<String, String> definitions) {
        try (EmbeddedFlags flags = new EmbeddedFlags(keys, defaultVersion, definitions)) {
            return ShareProbe.of(flags::route);
        }
    }

    /** All but the changed part of the serving flag says what it said; variations may have been added at the end. */
    private void requireSame(
            Map<String, String> before, Map<String, String> after, String key, FlagPlan plan, String changed)
            throws FlagPlanException {
        Map<String, String> othersBefore = new LinkedHashMap<>(before);
        Map<String, String> othersAfter = new LinkedHashMap<>(after);
        othersBefore.remove(key);
        othersAfter.remove(key);
        ObjectNode old = (ObjectNode) serving(before, key);
        ObjectNode fresh = (ObjectNode) serving(after, key);
        List<JsonNode> variations = new ArrayList<>();
        old.path("variations").forEach(variations::add);
        List<JsonNode> grown = new ArrayList<>();
        fresh.path("variations").forEach(grown::add);
        boolean same = othersBefore.equals(othersAfter)
                && grown.size() >= variations.size()
                && grown.subList(0, variations.size()).equals(variations)
                && old.without(List.of(changed, "variations")).equals(fresh.without(List.of(changed, "variations")));
        if (!same) {
            throw refusal(plan.change(), "it would change more than what is wanted");
        }
    }

    private void requireShares(FlagPlan plan, Map<String, BigDecimal> wanted) throws FlagPlanException {
        Shares then = plan.then().orElseThrow();
        for (Map.Entry<String, BigDecimal> share : wanted.entrySet()) {
            if (then.of(new ModelVersion(share.getKey())).compareTo(share.getValue()) != 0) {
                throw refusal(plan.change(), "it would divide " + then);
            }
        }
    }

    private FlagPlanException refusal(FlagChange change, String why) {
        return new FlagPlanException("flag file " + path + " is written in a way that cannot be edited safely (" + why
                + "); edit flag '" + change.key() + "' by hand, as docs/flags.md says");
    }
}
