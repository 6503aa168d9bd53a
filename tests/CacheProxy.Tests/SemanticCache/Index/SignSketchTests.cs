using System.Numerics;
using CacheProxy.SemanticCache.Index;

namespace CacheProxy.Tests.SemanticCache.Index;

public sealed class SignSketchTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(384)]
    [InlineData(768)]
    [InlineData(1536)]
    public void Write_VectorsOfKnownAngle_DifferInAboutThatShareOfTheBits(int length)
    {
        var sut = new SignSketch(length);
        var random = new Random(length);
        for (int round = 0; round < 100; round++)
        {
            float[] a = RandomVectors.Unit(random, length), b = RandomVectors.Near(random, a, 0.2f + (round * 0.02f));
            float cosine = RandomVectors.Cosine(a, b);

            // Half the bits would be chance; the bound holds for each of the hundred.
            Assert.InRange(Distance(sut, a, b), 0, sut.FarthestDistance(cosine));
            Assert.InRange(Distance(sut, a, b), (2 * length * Math.Acos(cosine) / Math.PI) - sut.FarthestDistance(cosine), length);
        }
    }

    [Fact]
    public void Write_FewLargeComponents_StillSeparatesTheRest()
    {
        // Encoders write some components large in every vector: without a rotation those alone would not cost a bit.
        const int Length = 384;
        var sut = new SignSketch(Length);
        var random = new Random(9);
        float[] centre = RandomVectors.Unit(random, Length);
        centre[7] = 3;
        float[] near = RandomVectors.Near(random, Normalised(centre), 0.1f), far = (float[])near.Clone();
        far[7] = -far[7];

        Assert.InRange(Distance(sut, near, Normalised(centre)), 0, 40);
        Assert.InRange(Distance(sut, near, far), 250, Length);
    }

    [Fact]
    public void Write_ShorterVector_IsTakenAsPadded()
    {
        var sut = new SignSketch(128);
        float[] vector = RandomVectors.Unit(new Random(1), 100), padded = [.. vector, .. new float[28]];

        Assert.Equal(0, Distance(sut, vector, padded));
        Assert.NotEqual(0, Distance(sut, vector, [.. vector.Select(x => -x)]));
    }

    [Theory]
    [InlineData(1f, 0)]
    [InlineData(-1f, 384)]
    [InlineData(float.MinValue, 384)]
    public void FarthestDistance_AtTheEnds_IsNoneOrAll(float cosine, int expected)
        => Assert.Equal(expected, new SignSketch(384).FarthestDistance(cosine));

    private static float[] Normalised(float[] vector)
    {
        float length = MathF.Sqrt(RandomVectors.Cosine(vector, vector));
        return [.. vector.Select(x => x / length)];
    }

    private static int Distance(SignSketch sketch, float[] a, float[] b)
    {
        int words = VectorQuantizer.PaddedLength(a.Length) / VectorQuantizer.Lane;
        ulong[] left = new ulong[words], right = new ulong[words];
        sketch.Write(a, left);
        sketch.Write(b, right);
        return left.Zip(right, (x, y) => BitOperations.PopCount(x ^ y)).Sum();
    }
}
