/** How others are asked over HTTP by ourselves. */
@NullMarked
package dev.understudy.http;

import org.jspecify.annotations.NullMarked;
