package dev.understudy.shadow;

import dev.understudy.domain.ForkedRequest;
import java.util.List;

/** A forked request with both sides of each of its targets, in the order of the targets. */
record ShadowedRequest(ForkedRequest forked, List<ShadowedTarget> targets) {}
