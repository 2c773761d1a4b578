/** Examines a deployment from where it runs, writes nothing, and says what to do. */
@NullMarked
package dev.understudy.doctor;

import org.jspecify.annotations.NullMarked;
