/** Everything that touches ONNX Runtime. */
@NullMarked
package dev.understudy.model.onnx;

import org.jspecify.annotations.NullMarked;
