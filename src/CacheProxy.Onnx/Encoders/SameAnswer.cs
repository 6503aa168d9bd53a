namespace CacheProxy.Onnx.Encoders;

/// <summary>What the verifier says about a pair of prompts.</summary>
/// <param name="Logit">High: both ask for the same answer.</param>
/// <param name="Probability">The logit through the model's calibration, 0 to 1.</param>
/// <param name="Truncated">The pair did not fit the model; it must not be served on this word, since the model has not seen what was cut.</param>
public readonly record struct SameAnswer(float Logit, double Probability, bool Truncated);
