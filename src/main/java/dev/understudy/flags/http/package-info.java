/** How flag systems are asked over HTTP by ourselves. */
@NullMarked
package dev.understudy.flags.http;

import org.jspecify.annotations.NullMarked;
