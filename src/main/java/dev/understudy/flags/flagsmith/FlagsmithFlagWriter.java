package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.flags.plan.AdminApi;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagStep;
import dev.understudy.flags.plan.FlagWriteException;
import dev.understudy.flags.plan.FlagWriter;
import dev.understudy.flags.plan.Shares;
import dev.understudy.flags.plan.WriteToken;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Changes the percentages of a feature's options in an environment over Flagsmith's API. Ids come from the environment
 * document, which is read with the key that the flags are read with.
 */
public final class FlagsmithFlagWriter implements FlagWriter {
    private static final URI FLAGSMITH = URI.create("https://api.flagsmith.com/api/v1/");
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration SLACK = Duration.ofSeconds(2);

    private final FlagsmithSettings settings;
    private final AdminApi api;
    private final DocumentSource documents;

    public FlagsmithFlagWriter(FlagsmithSettings settings, Optional<WriteToken> token) {
        this.settings = settings;
        this.api = new AdminApi("Flagsmith", "Api-Key ", token);
        this.documents = new DocumentSource(settings);
    }

    @Override
    public FlagPlan plan(FlagChange change) throws FlagPlanException {
        JsonNode document = document();
        String place = "Flagsmith at " + base() + ", environment "
                + document.path("name").asText();
        URI environment =
                URI.create(base() + "environments/" + document.path("api_key").asText() + "/");
        requireOldVersioning(change, environment);
        FeatureOptions options = FeatureOptions.of(change.key(), document);
        URI states = URI.create(environment + "featurestates/");
        options.take(api.get(URI.create(states + "?feature=" + options.feature())));
        URI state = URI.create(states + Long.toString(options.state()) + "/");
        if (change instanceof FlagChange.Kill kill) {
            return options.isOff()
                    ? FlagPlan.of(kill, place, options.sharesIfKnown())
                    : FlagPlan.of(kill, place, options.sharesIfKnown(), put(state, options.off()));
        }
        Shares now = options.shares();
        FlagChange.Share share = (FlagChange.Share) change;
        if (options.isOff()) {
            throw FlagPlanException.off("feature '" + change.key() + "'", place);
        }
        options.requireNoSplit();
        if (now.fulfil(share)) {
            return FlagPlan.of(share, place, now, now, List.of());
        }
        Map<String, BigDecimal> after = now.after(share);
        FeatureOptions.Change made = options.change(share, after);
        return FlagPlan.of(share, place, now, made.then(), List.of(put(state, made.body())));
    }

    @Override
    public void apply(FlagPlan plan) throws FlagWriteException {
        api.make(plan, this);
    }

    @Override
    public Duration propagation() {
        return settings.pollInterval().plus(SLACK);
    }

    /** The server takes percentages by PUT alone: it answers PATCH 200 and leaves them as they are. */
    private FlagStep put(URI state, JsonNode body) {
        return api.call("PUT", state, "application/json", body.toString());
    }

    private void requireOldVersioning(FlagChange change, URI environment) throws FlagPlanException {
        JsonNode found = api.get(environment);
        if (found.path("use_v2_feature_versioning").asBoolean()) {
            throw new FlagPlanException("the environment keeps versions of features, which are published another way;"
                    + " change feature '" + change.key() + "' in Flagsmith by hand");
        }
        if (found.path("minimum_change_request_approvals").asInt(0) > 0) {
            throw new FlagPlanException("changes of the environment have to be approved by others; change feature '"
                    + change.key() + "' in Flagsmith by hand");
        }
    }

    private String base() {
        String base = settings.baseUri().orElse(FLAGSMITH).toString();
        return base.endsWith("/") ? base : base + "/";
    }

    private JsonNode document() throws FlagPlanException {
        try {
            return documents.fetch(LIMIT);
        } catch (NoDocumentException e) {
            throw new FlagPlanException(
                    "Flagsmith at " + settings.place() + " gave no environment document: " + e.why(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FlagPlanException("reading from Flagsmith was interrupted", e);
        }
    }
}
