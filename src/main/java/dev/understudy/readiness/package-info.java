/** Gates, confidence sequences and the verdict. JDK only. */
@NullMarked
package dev.understudy.readiness;

import org.jspecify.annotations.NullMarked;
