using System.Text.Json;
using System.Text.Json.Serialization;

namespace CacheProxy.SemanticCache.Scoring;

/// <summary>The coefficients of <see cref="CascadeScore"/>, as <c>cascade.json</c> beside the verifier holds them.</summary>
public sealed record CascadeModel
{
    /// <summary>Fingerprint of the verifier whose logits they were fitted to.</summary>
    public required string Verifier { get; init; }

    public required double MinimumCosine { get; init; }

    /// <summary>Probability from which on the static policy serves by default.</summary>
    public required double DefaultThreshold { get; init; }

    public required double Intercept { get; init; }

    public required double Logit { get; init; }

    public required double Cosine { get; init; }

    // Weights of PairFeatures by the same names; none is above 0: a difference in wording never speaks for a pair.
    public double Restricts { get; init; }

    public double Replaced { get; init; }

    public double NameAdded { get; init; }

    public double NumberAdded { get; init; }

    public double NegationAdded { get; init; }

    public double OtherKind { get; init; }

    /// <param name="path">Path of <c>cascade.json</c>.</param>
    /// <param name="verifierFingerprint">Of the verifier that will be asked.</param>
    /// <exception cref="InvalidDataException">The file is no such file, or belongs to another verifier.</exception>
    public static CascadeModel Load(string path, string verifierFingerprint)
        => Read(path) is var model && model.Verifier == verifierFingerprint
            ? model
            : throw new InvalidDataException($"{path} was fitted to verifier {model.Verifier}, not to {verifierFingerprint}: fit it again.");

    /// <summary>Whatever verifier it was fitted to.</summary>
    /// <exception cref="InvalidDataException">The file is no such file.</exception>
    public static CascadeModel Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), CascadeModelJson.Default.CascadeModel) ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: not the coefficients of a cascade: {exception.Message}", exception);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true)]
[JsonSerializable(typeof(CascadeModel))]
internal sealed partial class CascadeModelJson : JsonSerializerContext;
