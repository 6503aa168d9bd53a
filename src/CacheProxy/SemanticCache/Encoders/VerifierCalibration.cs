using System.Text.Json;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>
/// What was measured about a verifier, from the <c>config.json</c> beside its model: score = logit + weight * cosine, and the score from which on
/// a target share of the served pairs was wrong on the validation pairs.
/// </summary>
public sealed record VerifierCalibration
{
    /// <summary>Weight of the encoder's cosine in the combined score.</summary>
    public required double CosineWeight { get; init; }

    /// <summary>The score is only calibrated for pairs whose cosine is at least this.</summary>
    public required double MinimumCosine { get; init; }

    /// <summary>Score at which 2 % of the served validation pairs were wrong: the default threshold.</summary>
    public required double DefaultThreshold { get; init; }

    /// <summary>Pieces of a pair with special tokens, beyond which it is cut.</summary>
    public required int MaximumTokens { get; init; }

    public double Score(float logit, float cosine) => logit + (CosineWeight * cosine);

    /// <exception cref="InvalidDataException">The file lacks a constant, or states a formula other than the one computed here.</exception>
    public static VerifierCalibration Load(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement combined = document.RootElement.GetProperty("combined_score");
            string formula = combined.GetProperty("formula").GetString() ?? "";
            if (!formula.StartsWith("logit + 2 * cosine,", StringComparison.Ordinal) || !formula.EndsWith("only where cosine >= 0.6", StringComparison.Ordinal))
            {
                throw new InvalidDataException($"{path}: unknown combined_score formula '{formula}'.");
            }

            return new VerifierCalibration
            {
                CosineWeight = 2,
                MinimumCosine = 0.6,
                DefaultThreshold = combined.GetProperty("thresholds_qqp_val").GetProperty("0.02").GetDouble(),
                MaximumTokens = document.RootElement.GetProperty("max_tokens").GetInt32(),
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}: not a verifier's configuration: {exception.Message}", exception);
        }
    }
}
