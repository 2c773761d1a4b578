package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Origin;
import dev.understudy.domain.Request;
import dev.understudy.domain.Task;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** SHADOW with the shipped models. */
final class ShadowedModelsTest {
    private static final ModelVersion V1 = new ModelVersion("v1");
    private static final ModelVersion V2 = new ModelVersion("v2");

    private static OnnxModelRepository models;

    @RegisterExtension
    final ShadowScorers scorers = new ShadowScorers();

    @BeforeAll
    static void open() throws Exception {
        models = OnnxModelRepository.open(Path.of("models"), "fraud", OnnxSettings.pipeline(), Clock.systemUTC());
        models.load(V1);
        models.load(V2);
    }

    @AfterAll
    static void close() {
        models.close();
    }

    @Test
    void trial_times_three_calls_and_changes_no_answer() throws Exception {
        List<ForkedRequest> rows = rows(200);

        List<ShadowedRequest> plain = scorer(0).apply(rows, 0);
        List<ShadowedRequest> tried = scorer(1).apply(rows, 0);

        for (int row = 0; row < rows.size(); row++) {
            ShadowedTarget target = tried.get(row).targets().get(0);
            assertThat(target.production().result())
                    .isEqualTo(plain.get(row).targets().get(0).production().result());
            assertThat(target.candidate().result())
                    .isEqualTo(plain.get(row).targets().get(0).candidate().result());
            assertThat(target.models()).isEqualTo(new ShadowedTarget.Models(Task.BINARY, List.of("0", "1"), null));
        }
        assertThat(plain)
                .allSatisfy(row -> assertThat(row.targets().get(0).times()).isNull());
        assertThat(tried.get(0).targets().get(0).times()).satisfies(times -> {
            assertThat(times.rows()).isEqualTo(200);
            assertThat(times.productionNanos()).isPositive();
            assertThat(times.productionAgainNanos()).isPositive();
            assertThat(times.candidateNanos()).isPositive();
            assertThat(times.productionFailed() || times.candidateFailed()).isFalse();
        });
    }

    /** Every other request was served by the candidate. */
    private static List<ForkedRequest> rows(int count) throws Exception {
        List<ForkedRequest> rows = new ArrayList<>();
        for (Request request : FraudRequests.read().take(count)) {
            ModelVersion served = rows.size() % 2 == 0 ? V1 : V2;
            VersionAnswer answer = ModelCalls.score(models.load(served), List.of(request.features()))
                    .get(0);
            rows.add(new ForkedRequest(
                    new Origin(0, rows.size()), "fraud", answer, List.of(new ForkTarget(V1, V2, 1)), 0, request));
        }
        return rows;
    }

    private ShadowScorer scorer(double share) {
        return scorers.of(models, ShadowScorers.settings(Duration.ofSeconds(30), share));
    }
}
