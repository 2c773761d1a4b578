package dev.understudy.flags.launchdarkly;

import com.launchdarkly.sdk.LDValue;
import com.launchdarkly.sdk.server.integrations.TestData;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.ModelFlagsContract;

/** The contract over LaunchDarkly's own source for tests, which cannot divide by percentage. */
class TestDataContractTest extends ModelFlagsContract {
    private final TestData data = TestData.dataSource();

    @Override
    protected void publish(FlagsDraft draft) {
        FlagsDraft.Serving serving = draft.serving();
        TestData.FlagBuilder flag = data.flag("ml-model-version")
                .clearTargets()
                .clearRules()
                .on(serving.on())
                .variations(serving.versions().stream().map(LDValue::of).toArray(LDValue[]::new))
                .offVariation(2)
                .fallthroughVariation(index(serving, serving.otherwise()));
        serving.targets()
                .forEach((name, entities) -> entities.forEach(entity ->
                        flag.variationForUser(entity, serving.versions().indexOf(name))));
        for (FlagsDraft.Rule rule : serving.rules()) {
            flag.ifMatch(rule.attribute(), LDValue.of(rule.value())).thenReturn(index(serving, rule.answer()));
        }
        draft.shadowModes()
                .forEach((name, on) -> data.update(
                        data.flag("shadow-mode-" + name).booleanFlag().variationForAll(on)));
        data.update(data.flag("shadow-candidates")
                .on(draft.candidatesOn())
                .variations(LDValue.Convert.String.arrayFrom(draft.candidates()), LDValue.of("v9"))
                .fallthroughVariation(0)
                .offVariation(1));
        data.update(flag);
    }

    @Override
    protected ModelFlags connect() throws Exception {
        return LaunchDarklyFlags.open(LaunchDarklySettings.of("sdk-test"), data, FlagKeys.standard(), DEFAULT);
    }

    private static int index(FlagsDraft.Serving serving, FlagsDraft.Answer answer) {
        return serving.versions().indexOf(((FlagsDraft.Fixed) answer).version());
    }
}
