/**
 * Flags from an Unleash server.
 *
 * <p>Of Unleash's SDK the fetcher, the evaluator and the sender of metrics are used, and its facade
 * {@code DefaultUnleash} is not. The facade does not say why an answer came out, whether the flags are fresh or whether
 * a document was refused; it always reads and writes a backup file, tells an executor of every evaluation, and after a
 * refused token looks again only minutes later.
 */
@NullMarked
package dev.understudy.flags.unleash;

import org.jspecify.annotations.NullMarked;
