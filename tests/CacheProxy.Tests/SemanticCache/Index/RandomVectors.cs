using CacheProxy.Exchange;

namespace CacheProxy.Tests.SemanticCache.Index;

/// <summary>Unit vectors and questions from a seed.</summary>
internal static class RandomVectors
{
    public static float[] Unit(Random random, int dimensions)
    {
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            // Sum of uniform numbers: near enough to a normal one for directions.
            vector[i] = random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f;
        }

        return Normalise(vector);
    }

    /// <summary>A unit vector near another: the larger the noise, the smaller the cosine.</summary>
    public static float[] Near(Random random, ReadOnlySpan<float> centre, float noise)
    {
        float[] vector = Unit(random, centre.Length);
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = centre[i] + (noise * vector[i]);
        }

        return Normalise(vector);
    }

    public static float Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }

        return (float)sum;
    }

    public static Fingerprint256 Fingerprint(int number)
    {
        byte[] bytes = new byte[Fingerprint256.SizeBytes];
        BitConverter.TryWriteBytes(bytes, number + 1);
        BitConverter.TryWriteBytes(bytes.AsSpan(16), number * 31);
        return new Fingerprint256(bytes);
    }

    private static float[] Normalise(float[] vector)
    {
        float length = MathF.Sqrt(Cosine(vector, vector));
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] /= length;
        }

        return vector;
    }
}
