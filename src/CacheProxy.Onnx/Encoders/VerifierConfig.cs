using System.Text.Json;

namespace CacheProxy.Onnx.Encoders;

/// <summary>Calibration and thresholds of a verifier, from its <c>config.json</c>. Thresholds are keyed by the share of wrong answers among those served.</summary>
/// <param name="MaxTokens">Longest pair in tokens, the three special ones included.</param>
/// <param name="PlattA">Slope: probability = 1 / (1 + exp(-(a * logit + b))).</param>
/// <param name="PlattB">Offset.</param>
/// <param name="LogitThresholds">Least logit per error share, on natural questions.</param>
/// <param name="CombinedThresholds">Least <c>logit + 2 * cosine</c> per error share, for pairs with a cosine of at least 0.6.</param>
public sealed record VerifierConfig(
    int MaxTokens,
    double PlattA,
    double PlattB,
    IReadOnlyDictionary<double, double> LogitThresholds,
    IReadOnlyDictionary<double, double> CombinedThresholds)
{
    /// <summary>The calibrated probability of a logit.</summary>
    public double ProbabilityOf(float logit) => 1 / (1 + Math.Exp(-((PlattA * logit) + PlattB)));

    /// <exception cref="InvalidDataException">The file is not a verifier's config.</exception>
    public static VerifierConfig Load(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement, platt = root.GetProperty("platt");
            if (root.GetProperty("truncation").GetString() != "longest_first")
            {
                throw new InvalidDataException("truncation must be 'longest_first'.");
            }

            return new VerifierConfig(
                root.GetProperty("max_tokens").GetInt32(),
                platt.GetProperty("a").GetDouble(),
                platt.GetProperty("b").GetDouble(),
                Thresholds(root.GetProperty("thresholds").GetProperty("qqp_val"), e => e.GetProperty("logit").GetDouble()),
                Thresholds(root.GetProperty("combined_score").GetProperty("thresholds_qqp_val"), e => e.GetDouble()));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"{path}: not a verifier's config: {e.Message}", e);
        }
    }

    private static Dictionary<double, double> Thresholds(JsonElement byError, Func<JsonElement, double> read) =>
        byError.EnumerateObject().ToDictionary(p => double.Parse(p.Name, System.Globalization.CultureInfo.InvariantCulture), p => read(p.Value));
}
