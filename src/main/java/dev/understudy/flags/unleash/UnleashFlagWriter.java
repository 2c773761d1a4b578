package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.plan.AdminApi;
import dev.understudy.flags.plan.ApiCall;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagStep;
import dev.understudy.flags.plan.FlagWriteException;
import dev.understudy.flags.plan.FlagWriter;
import dev.understudy.flags.plan.Shares;
import dev.understudy.flags.plan.WriteToken;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Changes the strategies of a flag over Unleash's admin API: the last gradual rollout, for those whom nothing else concerns. */
public final class UnleashFlagWriter implements FlagWriter {
    private static final Duration SLACK = Duration.ofSeconds(2);

    private final UnleashAdmin admin;
    private final ModelVersion defaultVersion;
    private final Duration pollInterval;
    private final AdminApi api;

    /** @param pollInterval time between two looks of each process at the server */
    public UnleashFlagWriter(
            UnleashAdmin admin, Optional<WriteToken> token, ModelVersion defaultVersion, Duration pollInterval) {
        this.admin = admin;
        this.defaultVersion = defaultVersion;
        this.pollInterval = pollInterval;
        this.api = new AdminApi("Unleash", "", token);
    }

    @Override
    public FlagPlan plan(FlagChange change) throws FlagPlanException {
        URI feature = admin.feature(change.key());
        if (change instanceof FlagChange.Kill kill) {
            return FlagPlan.of(
                    kill, admin.place(), Optional.empty(), api.call("POST", URI.create(feature + "/off"), "", ""));
        }
        FlagChange.Share share = (FlagChange.Share) change;
        JsonNode flag = api.get(feature);
        if (!flag.path("strategies").isArray()) {
            throw new FlagPlanException("GET " + feature + " was not answered by a flag of Unleash");
        }
        if (!flag.path("enabled").asBoolean()) {
            throw FlagPlanException.off("flag '" + change.key() + "'", admin.place());
        }
        LastRollout rollout = LastRollout.of(flag, defaultVersion.name());
        Shares now = rollout.shares();
        if (now.fulfil(share)) {
            return FlagPlan.of(share, admin.place(), now, now, List.of());
        }
        LastRollout.Change made = rollout.change(share);
        String strategies =
                feature + "/strategies" + made.strategy().map(id -> "/" + id).orElse("");
        FlagStep step = new ApiCall(
                made.strategy().isPresent() ? "PATCH" : "POST",
                URI.create(strategies),
                "",
                "application/json",
                made.body().toString());
        return FlagPlan.of(share, admin.place(), now, made.then(), List.of(step));
    }

    @Override
    public void apply(FlagPlan plan) throws FlagWriteException {
        api.make(plan, this);
    }

    @Override
    public Duration propagation() {
        return pollInterval.plus(SLACK);
    }
}
