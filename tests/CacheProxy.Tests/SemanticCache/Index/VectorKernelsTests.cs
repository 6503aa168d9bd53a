using CacheProxy.SemanticCache.Index;

namespace CacheProxy.Tests.SemanticCache.Index;

public sealed class VectorKernelsTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(384)]
    [InlineData(1536)]
    [InlineData(4096)]
    public void Dot_RandomAndExtremeValues_EqualsThePlainSum(int length)
    {
        var random = new Random(length);
        for (int round = 0; round < 50; round++)
        {
            short largest = (short)Math.Min(16383, int.MaxValue / (127 * length));
            short[] weights = [.. Enumerable.Range(0, length).Select(_ => round == 0 ? largest : (short)random.Next(-largest, largest + 1))];
            sbyte[] codes = [.. Enumerable.Range(0, length).Select(_ => round == 0 ? (sbyte)127 : (sbyte)random.Next(-127, 128))];
            long expected = weights.Zip(codes, (w, c) => (long)w * c).Sum();

            Assert.Equal(expected, VectorKernels.Dot(weights, codes));
            Assert.Equal(expected, VectorKernels.DotPortable(weights, codes));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(24)]
    public void Hamming_RandomBits_CountsTheDifferingOnes(int words)
    {
        var random = new Random(words);
        ulong[] query = Words(random, words);
        ulong[] sketches = Words(random, words * 7);
        ushort[] distances = new ushort[7];

        VectorKernels.Hamming(query, sketches, distances);

        for (int row = 0; row < 7; row++)
        {
            int expected = Enumerable.Range(0, words)
                .Sum(i => Convert.ToString((long)(query[i] ^ sketches[(row * words) + i]), 2).Count(bit => bit == '1'));
            Assert.Equal(expected, distances[row]);
        }
    }

    [Fact]
    public void Kernels_BuffersTooShort_Throw()
    {
        Assert.ThrowsAny<ArgumentException>(() => VectorKernels.Dot(new short[64], new sbyte[63]));
        Assert.ThrowsAny<ArgumentException>(() => VectorKernels.Dot(new short[64], new sbyte[64], new int[2]));
        Assert.ThrowsAny<ArgumentException>(() => VectorKernels.Hamming(new ulong[6], new ulong[6], new ushort[2]));
    }

    [Fact]
    public void QuantizeStored_AnyVector_RestoresEachComponentToHalfAStep()
    {
        float[] vector = RandomVectors.Unit(new Random(3), 100);
        sbyte[] codes = new sbyte[128];

        float scale = VectorQuantizer.QuantizeStored(vector, 1f, codes);

        for (int i = 0; i < 100; i++)
        {
            Assert.InRange(Math.Abs((codes[i] * scale) - vector[i]), 0, (scale / 2 * 1.05f) + 1e-6f);
        }

        Assert.All(codes[100..], code => Assert.Equal(0, code));
    }

    private static ulong[] Words(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64())];
}
