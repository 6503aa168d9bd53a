using System.Numerics.Tensors;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Turns float vectors into what the index scores: one signed byte per component with one scale per vector.
/// Padded components are 0 in the codes and in the query, so they add nothing to a product.
/// </summary>
public static class VectorQuantizer
{
    /// <summary>Components are padded to this: one 64-bit word of the sketch, one or two vector registers of codes.</summary>
    public const int Lane = 64;

    /// <summary>A vector shorter than this has no direction worth comparing; an encoder that fails tends to return zeros.</summary>
    private const float MinimumNorm = 1e-6f;

    public static int PaddedLength(int dimensions) => (dimensions + Lane - 1) / Lane * Lane;

    /// <summary>Throws when the vector cannot be stored or searched: wrong length, a component that is no number, or no length at all.</summary>
    /// <returns>Its Euclidean norm.</returns>
    /// <exception cref="ArgumentException">The vector is unusable; the message says why.</exception>
    public static float RequireUsable(ReadOnlySpan<float> vector, int dimensions)
    {
        if (vector.Length != dimensions)
        {
            throw new ArgumentException($"The vector has {vector.Length} components; this index holds vectors of {dimensions}.", nameof(vector));
        }

        float norm = TensorPrimitives.Norm(vector);
        if (!float.IsFinite(norm))
        {
            throw new ArgumentException("The vector has a component that is not a finite number.", nameof(vector));
        }

        return norm >= MinimumNorm ? norm : throw new ArgumentException("The vector is zero.", nameof(vector));
    }

    /// <summary>Writes the codes [padded] of a usable vector.</summary>
    /// <returns>The factor that turns a code back into a component of the unit vector.</returns>
    public static float QuantizeStored(ReadOnlySpan<float> vector, float norm, Span<sbyte> codes)
    {
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(vector));
        float toCode = sbyte.MaxValue / largest, product = 0;
        codes[vector.Length..].Clear();
        for (int i = 0; i < vector.Length; i++)
        {
            codes[i] = (sbyte)MathF.Round(vector[i] * toCode);
            product += vector[i] * codes[i];
        }

        // Not 1 / (toCode * norm): so chosen, the vector's product with itself is 1 exactly, and a neighbour's error is that of the part in
        // which it differs alone, half of what it would be.
        return norm / product;
    }

    /// <summary>Writes the query as 16-bit integers [padded], so that the product with the codes is exact to 1 part in 16,000.</summary>
    /// <returns>The factor that turns a weight back into a component of the unit vector.</returns>
    public static float QuantizeQuery(ReadOnlySpan<float> vector, float norm, Span<short> weights)
    {
        // The sum of padded products must stay below 2^31 even when every component is at its largest.
        int limit = Math.Min(16383, int.MaxValue / (sbyte.MaxValue * weights.Length));
        float toWeight = limit / MathF.Abs(TensorPrimitives.MaxMagnitude(vector));
        weights[vector.Length..].Clear();
        for (int i = 0; i < vector.Length; i++)
        {
            weights[i] = (short)MathF.Round(vector[i] * toWeight);
        }

        return 1 / (toWeight * norm);
    }
}
